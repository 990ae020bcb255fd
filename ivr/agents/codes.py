"""Codes that agents dial for themselves: on and off duty, a pause, how it is at the desk.

Served beside flows (`Controller`, `agent/NAME`): no call of a flow, no record.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from ivr.agents.roster import Roster
from ivr.agi.connection import Connection
from ivr.desk.duty import NO_ANSWER, REASONS, Duty, Standing
from ivr.desk.lines import desk_of
from ivr.desk.messages import Tell
from ivr.desk.snapshot import AgentState, Snapshot
from ivr.errors import IvrError
from ivr.flow.effects import HangUp, Play
from ivr.flow.speech import Utterance
from ivr.flow.talk import NORMAL_SPEED
from ivr.lang import Value
from ivr.line.channel import ChannelLine
from ivr.line.passed import passer
from ivr.switch.desks import Desks
from ivr.versions.edition import Edition

_log = logging.getLogger(__name__)

# What follows *46 in what she dialled.
_AFTER_PAUSE = len("*46")
_PAUSED = {
    "break": "paused_break",
    "meal": "paused_meal",
    "training": "paused_training",
    "after-call work": "paused_work",
    NO_ANSWER: "paused_no_answer",
}
Said = tuple[str, Mapping[str, Value]]
"""A prompt, and the values it is said with."""


def said_of(standing: Standing) -> Said:
    """Return what tells an agent where she stands."""
    if standing.duty is Duty.PAUSED:
        return _PAUSED[standing.reason], {}
    return f"{standing.duty}_duty", {}


def said_of_desk(board: Snapshot, desks: Desks, agent: str, now: datetime) -> list[Said]:
    """Return what tells an agent how it is at her desks, all of them together."""
    hers = {str(name) for name, desk in desks.desks.items() if agent in desk.members}
    callers = [c for line in board.queues if desk_of(line.name) in hers for c in line.callers]
    free = [
        a for a in board.agents if a.state is AgentState.FREE and hers & set(map(desk_of, a.queues))
    ]
    said: list[Said] = [("desk_now", {"waiting": len(callers), "free": len(free)})]
    if callers:
        longest = now - min(caller.since for caller in callers)
        # Whole seconds, as a person would say it.
        said.append(("longest_wait", {"longest": f"{max(0, round(longest.total_seconds()))}s"}))
    return said


class Codes:
    """Serves the codes; `tell` sends a text to an agent's screen, `lead` returns the edition."""

    def __init__(
        self,
        roster: Roster,
        board: Callable[[], Snapshot],
        desks: Callable[[], Desks],
        lead: Callable[[str], Edition],
        tell: Tell,
        recordings: Path,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._roster = roster
        self._board = board
        self._desks = desks
        self._lead = lead
        self._tell = tell
        self._recordings = recordings
        self._clock = clock

    @property
    def errands(self) -> dict[str, Callable[[Connection], Awaitable[None]]]:
        """What is served, by the name that the dialplan asks for."""
        return {"duty": self.duty, "pause": self.pause, "desk": self.desk}

    async def duty(self, connection: Connection) -> None:
        """Go off duty, or back on duty, also out of a pause. Raises StoreError, LineLost."""
        agent = _agent(connection)
        before = self._roster.of(agent)
        standing = before.toggled(agent, self._clock())
        await self._roster.decide(agent, standing)
        missed: list[Said] = [("missed_call", {})] if before.reason == NO_ANSWER else []
        await self._speak(connection, agent, str(standing), [*missed, said_of(standing)])

    async def pause(self, connection: Connection) -> None:
        """Pause for the reason of a digit, 0 ends it; without one tell which there are.

        Raises StoreError, LineLost.
        """
        agent = _agent(connection)
        digit = connection.preamble.variables["extension"][_AFTER_PAUSE:]
        standing = self._roster.of(agent)
        if digit == "0":
            standing = standing.resumed(agent, self._clock())
        elif digit in REASONS:
            standing = standing.paused(REASONS[digit], agent, self._clock())
        await self._roster.decide(agent, standing)
        reasons: list[Said] = [] if digit == "0" or digit in REASONS else [("pause_reasons", {})]
        await self._speak(connection, agent, str(standing), [said_of(standing), *reasons])

    async def desk(self, connection: Connection) -> None:
        """Tell how it is at her desks, and where she stands if she is offered nobody.

        Raises LineLost.
        """
        agent = _agent(connection)
        standing = self._roster.of(agent)
        said = said_of_desk(self._board(), self._desks(), agent, self._clock())
        stands = [] if standing.duty is Duty.ON else [said_of(standing)]
        await self._speak(connection, agent, str(standing), [*said, *stands])

    async def _speak(self, connection: Connection, agent: str, text: str, said: list[Said]) -> None:
        """Say it in her language; where the project has no words for it, her screen tells."""
        id = connection.preamble.variables["uniqueid"]
        edition, language = self._lead(id), self._roster.language(agent)
        texts = edition.project.catalogue.texts
        line = ChannelLine(connection, edition.speaker, self._recordings, id)
        await line.open()
        if all(language in texts.get(prompt, {}) for prompt, _ in said):
            utterance: Utterance = sum(
                (edition.project.catalogue.utterance(p, language, v) for p, v in said), ()
            )
            await line.play(Play(utterance, NORMAL_SPEED))
        else:
            await self._tell(agent, text)
        await line.hang_up(HangUp(text))
        _log.info("= agent %s was told: %s", agent, text)


def _agent(connection: Connection) -> str:
    """Return the number of the agent whose phone it is. Raises IvrError for any other."""
    agent = passer(connection.preamble.variables["channel"])
    if not agent:
        raise IvrError("only an agent's phone dials a code")
    return agent
