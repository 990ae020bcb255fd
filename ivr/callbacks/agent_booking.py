"""A call back that an agent books for a caller: the same promise, and the caller's own place."""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from ivr.callbacks.diary import Diary, Promises
from ivr.desk.agenda import Booking, Rule
from ivr.desk.order import tenths
from ivr.flow.effects import Book, Impossible, Offered, Refused
from ivr.flow.record import CallRecord
from ivr.web.callbacks import Wanted


class AgentBooking:
    """Books what an agent wants; `find` returns the record of a call and may raise StoreError."""

    def __init__(
        self,
        promises: Promises,
        rules: Callable[[], Mapping[str, Rule]],
        find: Callable[[str], Awaitable[CallRecord | None]],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._promises = promises
        self._rules = rules
        self._find = find
        self._clock = clock

    async def book(self, wanted: Wanted) -> Booking | str:
        """Return the booking as it is kept, or why there is none. Raises StoreError.

        Of a call that is named its caller's number, language, speed and place are taken.
        """
        record = await self._find(wanted.call) if wanted.call else None
        if wanted.call and record is None:
            return f"there is no call {wanted.call}"
        number = wanted.number or (record.caller if record else "")
        if not number:
            return "no number: who is to be called?"

        async def arrived() -> int | None:
            return tenths(record.started) if record else None

        # Nobody has called: the booking is of a call that has this name and no other.
        call = wanted.call or f"by-hand-{secrets.token_hex(6)}"
        # An agent wants the number of her booking, which only the database gives.
        promises = replace(self._promises, pending=None)
        diary = Diary(promises, self._rules(), call, self._clock, arrived)
        language = wanted.language or (record.language if record else "cmn")
        book = Book(wanted.desk, number, language, wanted.skills, _speed(record))
        answer = await diary.write(book)
        if isinstance(answer, Refused | Impossible):
            return answer.reason
        assert not isinstance(answer, Offered)  # there is a number
        return answer


def _speed(record: CallRecord | None) -> int:
    found = re.fullmatch(r"([0-9]{2,3})%", record.speed) if record else None
    return int(found[1]) if found else 100
