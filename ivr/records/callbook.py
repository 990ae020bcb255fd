"""The book of calls: the records of those that are over, and of those that still last."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ivr.errors import IvrError
from ivr.flow.record import CallRecord
from ivr.flow.session import Session
from ivr.flow.story import channel_of
from ivr.records.pending import Pending, Taker
from ivr.services import trace
from ivr.store.calls import Calls
from ivr.store.database import StoreError

_log = logging.getLogger(__name__)

RECORD = "call"
"""The kind of records that wait for the database."""


def taker(store: Calls) -> Taker:
    """Return what writes a record that had to wait; written twice it is the same record."""

    async def take(_id: str, text: str) -> None:
        await store.write(CallRecord.model_validate_json(text))

    return take


class CallBook:
    """The records of all calls: those of the store, and before them those that still last.

    `over` is told the record of each that is over. Without `pending` a record that cannot be
    stored at once is lost. With `traced`, which is told them, too, back ends are told the trace.
    """

    def __init__(
        self,
        store: Calls,
        over: Callable[[CallRecord], None] | None = None,
        pending: Pending | None = None,
        traced: Callable[[CallRecord], None] | None = None,
    ) -> None:
        self._store = store
        self._pending = pending
        self._over = over
        self._traced = traced
        self._live: dict[str, Session] = {}
        self._not_led: set[str] = set()
        # The newest part of each call, by its channel: asked often, of all who wait.
        self._parts: dict[str, Session] = {}

    @contextmanager
    def open(self, session: Session, *, is_led: bool = True) -> Iterator[None]:
        """Show a call while the block runs. Raises `IvrError` when its id is that of another.

        Of one that is not led the record is closed by whoever leads it next, or by nobody.
        """
        if session.id in self._live:
            raise IvrError(f"there is a call {session.id} already")
        channel = channel_of(session.id)
        # One in which an agent has sent her to a flow; it leads her again afterwards.
        before = self._parts.get(channel)
        self._live[session.id] = self._parts[channel] = session
        if not is_led:
            self._not_led.add(session.id)
        if self._traced:
            trace.begin(session.id, session.record.started)
        try:
            yield
        finally:
            for told in (self._over, self._traced):
                if told and session.ended:
                    told(session.record)
            session.leave()
            del self._live[session.id]
            self._not_led.discard(session.id)
            if self._parts.get(channel) is session:
                del self._parts[channel]
                if before and before.id in self._live:
                    self._parts[channel] = before

    @property
    def in_progress(self) -> int:
        """How many calls still last."""
        return len(self._live)

    def live(self, channel: str) -> Session | None:
        """Return what leads the call on a channel just now, its newest part; or None."""
        return self._parts.get(channel)

    def is_led(self, id: str) -> bool:
        """Whether the call of this id is led just now."""
        return id in self._live and id not in self._not_led

    async def latest(self, limit: int) -> list[CallRecord]:
        """Return at most so many calls, newest first. Raises StoreError."""
        live = [session.record for session in reversed(self._live.values())]
        known = {record.id for record in live}
        stored = await self._store.latest(limit)
        every = live + [record for record in stored if record.id not in known]
        return sorted(every, key=lambda record: record.started, reverse=True)[:limit]

    async def find(self, id: str) -> CallRecord | None:
        """Return the call of this id, or None. Raises StoreError."""
        session = self._live.get(id)
        return session.record if session else await self._store.find(id)

    async def begin(self, record: CallRecord) -> bool:
        """Store that a call has begun; False when a call of this id is known already."""
        try:
            return await self._store.begin(record)
        except StoreError as fault:
            _log.warning("the beginning of call %s is not stored: %s", record.id, fault)
            return True

    async def keep(self, record: CallRecord) -> None:
        """Store the record of a call that is over, or let it wait until that is possible.

        What has to wait is told in the log.
        """
        try:
            return await self._store.write(record)
        except StoreError as fault:
            if self._pending is None:
                _log.error("the record of call %s is lost: %s", record.id, fault)
                return
            _log.warning("the record of call %s has to wait: %s", record.id, fault)
        await self._pending.keep_or_hold(RECORD, record.id, record.model_dump_json(by_alias=True))
