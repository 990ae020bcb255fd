"""Supervising: a supervisor listens to an agent's call, whispers to her, or joins; and who did."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from datetime import UTC, datetime

from ivr.agi.connection import Connection
from ivr.desk import ringing
from ivr.desk.call_files import CallFiles
from ivr.desk.supervision import KEYS, MARKS, OPTIONS, Talk, Way, channels, dialled, talk
from ivr.flow.record import storable
from ivr.lang import Value
from ivr.line.passed import passer
from ivr.store.audit import Audit, Entry, Outcome
from ivr.store.database import StoreError
from ivr.switch.desks import Desks
from ivr.versions.served import Served
from ivr.wire import agi
from ivr.wire.agi import Expression, LineLost

_log = logging.getLogger(__name__)

# Where ChanSpy leads when she presses a key of KEYS; at START nothing has been pressed.
WAYS, START = "supervising-ways", "s"
FORMS = ("alaw", "ulaw", "g722")


class Refused(Exception):
    """It may not be, or cannot; `prompt` is what she is told, `args[0]` what is written down."""

    def __init__(self, prompt: str, why: str) -> None:
        super().__init__(why)
        self.prompt = prompt


class Supervising:
    """Serves supervisors; `desks` are asked at each call who is one.

    Nothing is done that cannot be written down first. `spool` is the switch's.
    """

    def __init__(
        self,
        audit: Audit,
        served: Served,
        desks: Callable[[], Desks],
        spool: CallFiles,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._audit = audit
        self._served = served
        self._desks = desks
        self._spool = spool
        self._clock = clock

    async def ring(self, who: str, supervisor: str, way: Way, agent: str) -> int:
        """Ring a supervisor's phone, as `who` has asked; return the number in the audit.

        Raises StoreError, ValueError, OSError: then it does not ring.
        """
        why = f"rings {supervisor}"
        number = await self._write(who, way, agent, "asked", why=why)
        await ringing.ring(self._spool, supervisor, way, agent, number)
        return number

    async def refuse(self, who: str, way: Way, agent: str, why: str) -> None:
        """Write down that somebody asked for what she may not, or what cannot be."""
        await self._write(who, way, agent, "refused", why=why)

    async def errand(self, connection: Connection) -> None:
        """Serve whoever has dialled a code, on her own channel. Raises LineLost when she goes."""
        said = connection.preamble.variables
        who, asked = passer(said["channel"]), dialled(said["extension"])
        way, agent = asked or ("listen", "")
        try:
            found = await self._found(connection, who, agent)
        except Refused as refusal:
            _log.warning("%s may not %s to %s: %s", who, way, agent or "nobody", refusal)
            try:
                await self._write(who, way, agent, "refused", why=str(refusal))
            except StoreError as fault:
                _log.error("that is not written down: %s", fault)
            await self._say(connection, who, refusal.prompt, {"agent": agent})
            return
        number = (await self._read(connection, "IVR_ASKED"))[0]
        why = f"asked for as {number}" if number else ""
        try:
            await self._spy(connection, who, way, agent, found, why)
        except StoreError as fault:
            _log.error("%s does not hear %s: %s", who, agent, fault)
            await self._say(connection, who, "supervise_no_record", {})

    async def _found(self, connection: Connection, who: str, agent: str) -> Talk:
        desks = self._desks()
        if who not in desks.supervisors:
            raise Refused("supervise_not_allowed", "no supervisor")
        if agent not in desks.agents:
            raise Refused("supervise_nobody", "no such agent")
        listed = (await self._read(connection, f"CHANNELS(^PJSIP/{agent}-)"))[0]
        names = channels(listed, agent) if agent != who else []
        asked = (f"IMPORT({name},{mark})" for name in names for mark in MARKS)
        told = iter(await self._read(connection, *asked))
        if found := talk(names, list(zip(*[told] * len(MARKS), strict=True))):
            return found
        raise Refused("supervise_no_talk", "in no conversation")

    async def _spy(
        self, connection: Connection, who: str, way: Way, agent: str, found: Talk, why: str
    ) -> None:
        """Let her hear until she or the agent has done, in one way after the other."""
        while True:
            await connection.command(agi.execute("Goto", WAYS, START, "1"))
            number = await self._write(who, way, agent, "began", found.call, why)
            try:
                # Nothing more can stand in the name (`channels` has read it), nor in our options.
                what = Expression(f"{found.channel},{OPTIONS[way]}")
                await connection.command(agi.execute("ChanSpy", what))
                (key,) = await self._read(connection, "EXTEN")
            except LineLost:
                await self._end(number)
                raise
            # Not when we are called off: ChanSpy goes on, and the next controller ends the entry.
            await self._end(number)
            if key not in KEYS:
                return
            way = KEYS[key]

    async def _end(self, number: int) -> None:
        try:
            await self._audit.end(number, self._clock())
        except (StoreError, KeyError) as fault:
            _log.error("the end of act %d is not written down: %s", number, fault)

    async def _write(
        self, who: str, way: Way, agent: str, outcome: Outcome, call: str = "", why: str = ""
    ) -> int:
        entry = Entry(self._clock(), who, way, agent, outcome, call, storable(why))
        number = await self._audit.write(entry)
        _log.info("= audit %d: %s: %s %s %s %s", number, outcome, who, way, agent, why)
        return number

    async def _say(
        self, connection: Connection, who: str, prompt: str, values: dict[str, Value]
    ) -> None:
        """Say a prompt in her language; a version that lacks it leaves her with the hang-up."""
        edition = self._served.take(connection.name)
        language = _language(self._desks(), who, edition.project.languages)
        (spoken,) = await self._read(connection, "CHANNEL(audionativeformat)")
        form = next((form for form in FORMS if form in spoken), FORMS[0])
        try:
            utterance = edition.project.catalogue.utterance(prompt, language, values)
        except (KeyError, ValueError):
            _log.warning("version %s has no prompt '%s'", edition.version, prompt)
            return
        _, name = edition.speaker.sound(utterance, 100, 0, form)
        await connection.command(agi.stream_file(name))

    async def _read(self, connection: Connection, *names: str) -> list[str]:
        if not names:
            return []
        asked = Expression("|".join(f"${{{name}}}" for name in names))
        reply = await connection.command(agi.get_full_variable(asked))
        values = reply.note.split("|", len(names) - 1) + [""] * len(names)
        return values[: len(names)]


def _language(desks: Desks, agent: str, spoken: Collection[str]) -> str:
    """Return the first language she speaks of those there are, else the first there is."""
    hers = desks.agent(agent)
    skills = hers.skills if hers else {}
    return next((str(skill) for skill in skills if skill in spoken), next(iter(spoken)))
