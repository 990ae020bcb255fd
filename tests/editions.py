"""Editions for tests: versions of a one-file project, made ready without voices or files."""

from __future__ import annotations

from datetime import UTC, datetime

from ivr.errors import FlowError, IvrError
from ivr.flow import project
from ivr.flow.history import Act, Decision
from ivr.flow.project import Sources
from ivr.flow.services import Declared
from ivr.services.http import Services
from ivr.speech.speaker import Speaker
from ivr.store.versions import Version, Versions
from ivr.versions.edition import Edition
from tests.stage import PROMPTS


def written(start: str) -> Sources:
    """A version whose flow begins at a node that gives it its name."""
    flow = (
        f"flow: f\nlanguages: [cmn, yue, en]\nstart: {start}\n"
        f"nodes:\n  {start}: {{menu: ask, keys: {{1: hello}}, otherwise: bye}}\n"
        "  hello: {say: hello, go: bye}\n  bye: hangup\n"
    )
    return Sources({"flows/f.yaml": flow}, {"prompts/p.yaml": PROMPTS})


class Maker:
    """Makes editions that speak with `speaker`; versions in `broken` cannot be made ready."""

    def __init__(self, speaker: Speaker, *broken: Sources) -> None:
        self.made: list[str] = []
        self._speaker = speaker
        self._broken = {sources.version for sources in broken}

    async def __call__(self, sources: Sources) -> Edition:
        if sources.version in self._broken:
            raise IvrError("3 sounds are not built")
        loaded, problems = project.read(sources)
        if problems:
            raise FlowError(problems)
        self.made.append(loaded.version)
        return Edition(loaded, self._speaker, Services(Declared({}, {})))


async def decided(versions: Versions, act: Act, sources: Sources, share: int = 0) -> Decision:
    """Add one decision to a history, and keep the version."""
    number, now = await versions.last() + 1, datetime.now(UTC)
    decision = Decision(number, sources.version, act, "so", "ada", now, share)
    version = Version(sources.version, "ada", "so", now)
    assert await versions.publish(version, sources, decision)
    return decision
