"""How a call begins: who calls, where she comes from, and how she wants to be spoken to."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime

import phonenumbers

from ivr.agents import sending
from ivr.agi.connection import Connection
from ivr.desk.reachable import HOME
from ivr.flow.caller import Caller
from ivr.flow.journal import Journal
from ivr.flow.opening import Opening
from ivr.flow.story import FROM_OUTSIDE, part, part_after
from ivr.flow.talk import Choice
from ivr.line import passed
from ivr.line.keeping import Place
from ivr.store.callers import Callers
from ivr.store.database import StoreError
from ivr.versions.edition import Edition

_log = logging.getLogger(__name__)

# Seconds a caller may hear it ring while the database is asked what she chose before.
RECALL = 0.5


def caller_number(text: str) -> str:
    """Return a caller's number as the business knows it: digits, without her country's code.

    One from abroad whose digits are also a number at home (+1 380 555 1234) keeps the 00 before
    them: it is another person's. What is no number is "": the flow then asks for one.
    """
    digits = "".join(char for char in text if char in "0123456789+")[:32]
    try:
        number = phonenumbers.parse(digits, HOME)
    except phonenumbers.NumberParseException:
        return digits.replace("+", "")
    national = str(phonenumbers.national_significant_number(number))
    if number.country_code == phonenumbers.country_code_for_region(HOME):
        return national
    abroad = f"{number.country_code}{national}"
    return (
        f"00{abroad}" if phonenumbers.is_valid_number(phonenumbers.parse(abroad, HOME)) else abroad
    )


class Entrance:
    """Opens the journals of calls; `recorded` tells what `Desks.recorded` does."""

    def __init__(self, callers: Callers, recorded: Callable[[], Mapping[str, bool]]) -> None:
        self._callers = callers
        self._recorded = recorded

    async def opened(
        self,
        connection: Connection,
        edition: Edition,
        flow: str,
        place: Place | None,
        now: datetime,
    ) -> Journal:
        """Return the journal of a call that begins; it has the part of its place if it has one.

        Raises LineLost.
        """
        said = connection.preamble.variables
        id, came = said["uniqueid"], FROM_OUTSIDE
        if place is None and said["context"] in (sending.CONTEXT, passed.CONTEXT):
            came = await passed.story(connection, id)
        name = part_after(came.after) if came.after else part(id, place.part if place else 1)
        if came.after:
            await passed.mark(connection, name)
        caller = Caller(name, caller_number(said["callerid"]), said["extension"], came)
        remembered = await self._recall(caller.number, now)
        recorded = self._recorded()
        opening = Opening(flow, edition.version, caller, now, remembered, recorded)
        return Journal.begin(opening, edition.project)

    async def _recall(self, number: str, now: datetime) -> Choice:
        try:
            async with asyncio.timeout(RECALL):
                return await self._callers.recall(number, now)
        except (StoreError, TimeoutError) as fault:
            _log.warning("what a caller chose before is not known: %s", str(fault) or "too slow")
            return Choice()
