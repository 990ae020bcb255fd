"""New versions of a flow, published one after the other while calls are led."""

from __future__ import annotations

import asyncio
import itertools
import os
import sys

from bench.load import dialogue
from bench.load.rig import Rig
from ivr.errors import IvrError
from ivr.versions import publishing
from tests.stage import ROOT

# Seconds from one that has been published to the next.
PAUSE = 4.0


class Reloading:
    """Publishes by `ivr publish`, as an author does."""

    def __init__(self, rig: Rig) -> None:
        self._settings = rig.ground.settings
        self._trouble = "no call was led by a version that was published"

    async def publish(self) -> None:
        """Publish again and again, until cancelled or refused."""
        flow = self._settings.at(self._settings.flows) / f"{dialogue.FLOW}.yaml"
        text = flow.read_text()
        for number in itertools.count(1):
            await asyncio.sleep(PAUSE)
            flow.write_text(text.replace("about: The", f"about: {number} times new, the"))
            child = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "ivr", "publish", "--message", f"number {number}"),
                cwd=ROOT,
                env={**os.environ, **self._settings.environment(), "IVR_ROOT": str(ROOT)},
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
            said, _ = await child.communicate()
            if child.returncode:
                self._trouble = said.decode()[-500:]
                return

    async def taken(self) -> int:
        """Return how many of them have led calls. Raises IvrError where none has."""
        async with publishing.opened(self._settings) as (_, calls):
            times = len(await calls.by_version()) - 1  # the calls before were led by the files
        if not times:
            raise IvrError(self._trouble)
        return times
