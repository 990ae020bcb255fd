"""The roster: where every agent stands, kept in the database and true in the switch.

The database comes first. The switch forgets at a restart, forgets a reason at a reload, and knows
nothing of a pause in a queue that is new; so whatever it lists is compared, and put right.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Protocol

from ivr.desk.actions import Acts
from ivr.desk.ami import plain
from ivr.desk.duty import Standing, did_not_answer, differing, without_answer
from ivr.desk.faults import AmiError
from ivr.desk.lines import desk_of
from ivr.desk.messages import Tell
from ivr.desk.watch import Watch
from ivr.store.audit import Entry
from ivr.store.database import StoreError
from ivr.switch.desks import Desks

_log = logging.getLogger(__name__)

# What the screen of an agent says who did not answer.
PAUSED = {
    "cmn": "您没有接听来电，已暂停派单。恢复请拨 *45。",
    "yue": "你冇接聽來電，已經暫停。想恢復，請打 *45。",
    "en": "You did not answer a call and are paused. Dial *45 to go on.",
}


class Store(Protocol):
    """Where standings are kept: `Duties`."""

    async def keep(self, agent: str, standing: Standing) -> None: ...
    async def all(self) -> dict[str, Standing]: ...


class Roster:
    """Where every agent stands. Call `load` first.

    `write` adds to the audit, `tell` sends a text to an agent's screen, `desks` are those that
    calls go by.
    """

    def __init__(
        self,
        store: Store,
        write: Callable[[Entry], Awaitable[int]],
        switch: Acts,
        tell: Tell,
        desks: Callable[[], Desks],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._write = write
        self._switch = switch
        self._tell = tell
        self._desks = desks
        self._clock = clock
        self._standings: dict[str, Standing] = {}
        self._turn = asyncio.Lock()
        self._called: dict[str, datetime] = {}
        self._work: set[asyncio.Task[None]] = set()
        self.paused: Callable[[], None] = lambda: None
        """Is called for each agent who was paused because she did not answer."""

    async def load(self) -> None:
        """Take what is kept. Raises StoreError."""
        self._standings = await self._store.all()

    def follow(self, watch: Watch) -> None:
        """Take from now on what the switch tells of members and of phones that ring."""
        heard = {"AgentCalled": self.called, "AgentRingNoAnswer": self.unanswered}
        for event, take in heard.items():
            watch.ami.register_event(event, lambda _, said, take=take: take(plain(said)))
        watch.listed = self.check
        watch.look()

    def of(self, agent: str) -> Standing:
        """Return where an agent stands."""
        return self._standings.get(agent, Standing())

    def beside(self, board: dict[str, list[dict[str, object]]]) -> Mapping[str, object]:
        """Return a board, as JSON, with the duty of each agent in her row."""
        for row in board["agents"]:
            row["duty"] = shown(self.of(str(row["number"])))
        return board

    async def change(self, agent: str, standing: Standing) -> bool:
        """Let an agent stand so from now on; return whether the switch knows it already.

        Where it does not, it is told as soon as it answers. Raises StoreError, and changes nothing
        then.
        """
        if standing == self.of(agent):
            return True
        async with self._turn:
            await self._store.keep(agent, standing)
            self._standings[agent] = standing
            _log.info("= agent %s: %s, by %s", agent, standing.pause or "on duty", standing.by)
            return await self._pause(agent, standing.pause)

    async def decide(self, agent: str, standing: Standing) -> None:
        """Write down in the audit who lets an agent stand so, and let her.

        What is asked over HTTP is written down there. Raises StoreError, and changes nothing then.
        """
        if standing == self.of(agent):
            return
        now, why = self._clock(), standing.words
        await self._write(Entry(now, standing.by, "duty", agent, "done", why=why))
        await self.change(agent, standing)

    async def check(self, listed: Sequence[Mapping[str, str]]) -> None:
        """Compare what the switch lists (QueueStatus), and put right where an agent stands."""
        members = (item for item in listed if item.get("Event") == "QueueMember")
        for agent in differing(self._standings, members):
            # As she stands now: it may have changed since the list was asked for.
            await self._pause(agent, self.of(agent).pause)

    def called(self, event: Mapping[str, str]) -> None:
        """Take an AgentCalled: a phone begins to ring."""
        agent = _agent(event)
        if agent in self._desks().agents:
            self._called[agent] = self._clock()

    def unanswered(self, event: Mapping[str, str]) -> None:
        """Take an AgentRingNoAnswer: whoever let her phone ring is paused and told, as desks say.

        Where all phones of a desk ring at once, nobody in particular did not answer.
        """
        desk = self._desks().desk(desk_of(event.get("Queue", "")))
        agent, now = _agent(event), self._clock()
        if desk is None or desk.no_answer == "keep" or desk.strategy == "ring_all":
            return
        rang = (now - self._called.pop(agent, now)).total_seconds()
        if did_not_answer(event.get("RingTime", ""), max(1, round(desk.ring_for)), rang):
            task = asyncio.create_task(self._pause_unanswered(agent))
            self._work.add(task)
            task.add_done_callback(self._work.discard)

    async def _pause_unanswered(self, agent: str) -> None:
        before = self.of(agent)
        standing = without_answer(before, self._clock())
        if standing is before:
            return
        try:
            await self.decide(agent, standing)
        except StoreError as fault:
            _log.warning("agent %s did not answer and is not paused: %s", agent, fault)
            return
        self.paused()
        await self._tell(agent, PAUSED[self.language(agent)])

    def language(self, agent: str) -> str:
        """Return the language an agent is spoken to in: the first of her skills that is one."""
        found = self._desks().agent(agent)
        return next((skill for skill in (found.skills if found else ()) if skill in PAUSED), "en")

    async def _pause(self, agent: str, reason: str) -> bool:
        headers = {
            "Action": "QueuePause",
            "Interface": f"PJSIP/{agent}",
            "Paused": "true" if reason else "false",
            "Reason": reason,
        }
        try:
            await self._switch.action(headers)
        except AmiError as fault:
            _log.info("the switch does not know yet where agent %s stands: %s", agent, fault)
            return False
        return True


def _agent(event: Mapping[str, str]) -> str:
    return event.get("Interface", "").removeprefix("PJSIP/")


def shown(standing: Standing) -> dict[str, object]:
    """Return where an agent stands as JSON shows it."""
    since = standing.since and standing.since.isoformat(timespec="seconds").replace("+00:00", "Z")
    return {
        "duty": standing.duty.value,
        "reason": standing.reason,
        "by": standing.by,
        "since": since,
    }
