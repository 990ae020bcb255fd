"""A phone: what a program that calls or is called holds in its hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from ivr.errors import IvrError
from ivr.phone import sip
from ivr.phone.call import Call, files
from ivr.phone.link import Link
from ivr.phone.trail import Trail
from ivr.phone.wire import Event, Field

_ANSWER_SECONDS = 5.0


class Phone:
    """A SIP phone on a free UDP port of 127.0.0.1, from `async with` on.

    It calls from `number`, which may be any text, as a trunk's callers do; with a `registrar`
    ("127.0.0.1:5060") it registers there as `number` with `password`, as agents do. An
    incoming call rings until `rings`, `answer_next` or `reject_next` takes it. `codecs` are
    offered in this order and no others are. `log` is a file for all that SIP says. A phone with a
    `trusted` certificate talks by TLS with who shows that one, and by SRTP alone.

    Raises IvrError when `display_name` holds a control character.
    """

    def __init__(
        self,
        number: str,
        *,
        display_name: str | None = None,
        registrar: str | None = None,
        password: str | None = None,
        codecs: Sequence[str] = ("PCMA",),
        log: Path | None = None,
        trusted: Path | None = None,
    ) -> None:
        sip.name_and_address(number, display_name, "127.0.0.1")
        self.number = number
        self.address = ""
        self._settings: dict[str, Field] = {
            "number": number,
            "display_name": display_name,
            "registrar": registrar,
            "password": password,
            "codecs": list(codecs),
            "log": None if log is None else str(log),
            "trusted": None if trusted is None else str(trusted),
        }
        self._registrar = registrar
        self._trail = Trail(f"phone {number[:20]!r}")
        self._calls: dict[int, Call] = {}
        self._taken = 0
        self._read = 0

    async def __aenter__(self) -> Self:
        """Start the phone; raises IvrError when its SIP stack does not come up."""
        self._link = Link(self._note, self._break_off)
        self.address = (await self._link.open(self._settings)).text("address")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Hang up every call and leave no process; takes at most two seconds."""
        await self._link.close()

    @property
    def started(self) -> float:
        """When the phone started, on the clock of `time.monotonic()`; its events count from it."""
        return self._link.started

    async def registered(self, within: float) -> None:
        """Wait until the registrar knows this phone.

        Raises IvrError when it refuses or has not answered within so many seconds.
        """
        event = await self._trail.wait("registered", "unregistered", within=within)
        if event.name == "unregistered":
            raise IvrError(
                f"{self._registrar} does not register {self.number!r}: "
                f"{event.number('status')} {event.text('reason')}"
            )

    async def call(
        self,
        number: str,
        at: str | None = None,
        *,
        record: Path | None = None,
        play: Path | None = None,
    ) -> Call:
        """Call `number` at "host:port" (the registrar where none is given).

        From the answer on, what is heard is recorded to `record` (WAV, 16 bit, 8 kHz, one
        channel) and the WAV `play` is sent once. Nobody there ends the call with 408 after 4 s.
        Raises IvrError when a file cannot be opened or SIP cannot carry the numbers.
        """
        host = at or self._registrar
        if host is None:
            raise IvrError("a phone without a registrar must be told where to call (at=…)")
        done = await self._link.order("call", number=number, at=host, **files(record, play))
        return self._call_of(done)

    async def rings(self, within: float) -> Call:
        """Wait for the next incoming call and let it ring.

        Raises IvrError when none comes within so many seconds.
        """
        event = await self._trail.wait("incoming", within=within, after=self._taken)
        self._taken = self._trail.events.index(event) + 1
        return self._call_of(event)

    async def answer_next(
        self, *, record: Path | None = None, play: Path | None = None, within: float = 10
    ) -> Call:
        """Wait for the next incoming call and answer it; returns once both sides are joined.

        Raises IvrError when none comes, or it ends first.
        """
        call = await self.rings(within)
        await call.answer(record=record, play=play)
        await call.answered(within=_ANSWER_SECONDS)
        return call

    async def reject_next(self, status: int = 486, *, within: float = 10) -> Call:
        """Wait for the next incoming call and refuse it with a SIP status (486 is busy).

        Raises IvrError when none comes, or it ends first.
        """
        call = await self.rings(within)
        await call.reject(status)
        return call

    async def text(self, within: float) -> str:
        """Return the next text message that is sent to this phone.

        Raises IvrError when none comes within so many seconds.
        """
        event = await self._trail.wait("message", within=within, after=self._read)
        self._read = self._trail.events.index(event) + 1
        return event.text("text")

    def _note(self, event: Event) -> None:
        if event.call is None:
            self._trail.add(event)
        elif event.name == "incoming":
            self._calls[event.call] = Call(event.call, self._link.order, event)
            self._trail.add(event)
        else:
            self._call_of(event).trail.add(event)

    def _call_of(self, event: Event) -> Call:
        # The first event of a call we place may come before the answer to our order.
        number = event.call or 0
        if number not in self._calls:
            self._calls[number] = Call(number, self._link.order)
        return self._calls[number]

    def _break_off(self, why: str) -> None:
        for trail in (self._trail, *(call.trail for call in self._calls.values())):
            trail.break_off(why)
