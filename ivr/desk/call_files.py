"""Call files: what the switch is asked to do by a file in its own spool.

AMI could as well, but only for an account that may originate any call; whoever may write into the
switch's own spool owns it anyway. A thread writes them, one after the other: a disk that hangs
holds nobody's call.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ParamSpec, TypeVar
from uuid import uuid4

Given = ParamSpec("Given")
Result = TypeVar("Result")


class CallFiles:
    """The switch's spool. What is asked of it first is done first; nothing here waits for it."""

    def __init__(self, spool: Path) -> None:
        self._spool = spool
        # It begins with the first file.
        self._thread = ThreadPoolExecutor(1, "call files")

    def send(self, lines: Sequence[str], name: str = "") -> asyncio.Future[None]:
        """Put a call file into the spool, by a name of its own unless it has one.

        Called off before its turn, it is not written. Raises OSError where it cannot be.
        """
        return self.do(_put, self._spool, lines, name)

    def post(self, lines: Sequence[str], tell: Callable[[OSError], None], name: str = "") -> None:
        """Do the same for one who waits for nothing; the thread itself tells a fault."""

        def put() -> None:
            try:
                _put(self._spool, lines, name)
            except OSError as fault:
                tell(fault)

        # The loop is not woken for it.
        self._thread.submit(put)

    def do(
        self, work: Callable[Given, Result], *given: Given.args, **named: Given.kwargs
    ) -> asyncio.Future[Result]:
        """Do something else with the spool, in its turn. Raises what it raises."""
        return asyncio.wrap_future(self._thread.submit(work, *given, **named))


def _put(spool: Path, lines: Sequence[str], name: str) -> None:
    # Aside and renamed: the switch takes a file as soon as it sees one.
    fresh = spool / f"{name or uuid4().hex}.call"
    try:
        fresh.write_text("\n".join((*lines, "")))
        fresh.replace(spool / "outgoing" / fresh.name)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
