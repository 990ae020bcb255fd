"""One call as the program that holds the phone sees it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ivr.errors import IvrError
from ivr.phone import sip
from ivr.phone.trail import Trail
from ivr.phone.wire import KEY_MILLISECONDS, Event, Field

Order = Callable[..., Awaitable[Event]]

# pjsip sends the last packet of a key three times, 20 ms apart (stream.c,
# DTMF_EBIT_RETRANSMIT_CNT); the next key may begin after that.
_KEY_SECONDS = (KEY_MILLISECONDS + 2 * 20) / 1000
_ORDER_SECONDS = 5.0


@dataclass(frozen=True)
class Ended:
    """How a call ended: the SIP status (200 after a conversation), its words, and who did it."""

    status: int
    reason: str
    by_far_side: bool


class Call:
    """A call placed or taken by a phone; its events are in `events`, oldest first.

    Of a call that came in, `caller`, `caller_name` and `headers` (every X- header of the
    INVITE) are known; a call that was placed has them empty.
    """

    def __init__(self, number: int, order: Order, incoming: Event | None = None) -> None:
        self.number = number
        self.trail = Trail(f"call {number}")
        self._order = order
        self.caller = incoming.text("caller") if incoming else ""
        self.caller_name = incoming.text("caller_name") if incoming else ""
        headers = incoming.fields["headers"] if incoming else {}
        self.headers: Mapping[str, str] = headers if isinstance(headers, dict) else {}

    @property
    def events(self) -> list[Event]:
        """Everything that happened to this call."""
        return self.trail.events

    @property
    def was_answered(self) -> bool:
        """Whether both sides were ever joined."""
        return any(event.name == "answered" for event in self.events)

    @property
    def keys_sent(self) -> str:
        """The keys pressed here so far."""
        return "".join(event.text("key") for event in self.events if event.name == "key")

    @property
    def keys_heard(self) -> str:
        """The keys the far side pressed so far."""
        return "".join(event.text("digit") for event in self.events if event.name == "digit")

    async def answer(self, *, record: Path | None = None, play: Path | None = None) -> None:
        """Take an incoming call; `record` what is heard and `play` a WAV once from then on.

        Raises IvrError when a file cannot be opened or the call has ended.
        """
        await self._do("answer", **files(record, play))

    async def reject(self, status: int = 486) -> None:
        """Refuse an incoming call with a SIP status (486 is busy)."""
        await self._do("reject", status=status)

    async def answered(self, within: float) -> Event:
        """Wait until both sides are joined; position 0 of the recording is this moment, or when
        the first sound came before it (early media).

        Raises IvrError when that takes longer than so many seconds or the call ends first.
        """
        event = await self.trail.wait("answered", "ended", within=within)
        if event.name == "ended":
            status, reason = event.number("status"), event.text("reason")
            raise IvrError(f"call {self.number} was not answered: {status} {reason}")
        return event

    async def press(self, keys: str, gap: float = 0.1) -> list[Event]:
        """Press the keys one after the other, `gap` seconds apart; return their events.

        An event's time is that of handing the key to the sound stream, which starts sending
        it at its next frame, at most 20 ms later. A key sounds for 100 ms. Raises IvrError for
        what is not a key and when the call has ended.
        """
        pressed: list[Event] = []
        for key in sip.check_keys(keys):
            if pressed:
                await asyncio.sleep(_KEY_SECONDS + gap)
            before = len(self.events)
            await self._do("press", key=key)
            pressed.append(await self.trail.wait("key", within=_ORDER_SECONDS, after=before))
        return pressed

    async def heard(self, keys: str, within: float) -> list[Event]:
        """Wait until the far side has pressed as many keys; return their `digit` events.

        Raises IvrError when they are other keys or do not come within so many seconds.
        """
        seen = 0
        while len(self.keys_heard) < len(keys):
            await self.trail.wait("digit", within=within, after=seen)
            seen = len(self.events)
        if self.keys_heard != keys:
            raise IvrError(f"call {self.number} heard {self.keys_heard!r}, not {keys!r}")
        return [event for event in self.events if event.name == "digit"]

    async def transfer(self, number: str, at: str, within: float = 10) -> int:
        """Pass the far side on to `number` at "host:port" (blind); return the SIP status.

        That is 200 where it is done and the call about to end, 404 where there is no such number
        and the call goes on. Raises IvrError when nothing is said within so many seconds.
        """
        return await self._pass_on("transfer", within, number=number, at=at)

    async def transfer_to(self, other: Call, within: float = 10) -> int:
        """Join the far sides of this call and of another of this phone (attended); as above."""
        return await self._pass_on("transfer_to", within, other=other.number)

    async def _pass_on(self, how: str, within: float, **fields: Field) -> int:
        before = len(self.events)
        await self._do(how, **fields)
        event = await self.trail.wait("transferred", "ended", within=within, after=before)
        # The switch may hang up before it says so: then it is done, too.
        return event.number("status")

    async def hold(self) -> None:
        """Put the far side on hold."""
        await self._do("hold")

    async def resume(self) -> None:
        """Talk again to the far side, which was on hold."""
        await self._do("resume")

    async def ended(self, within: float) -> Ended:
        """Wait until the call is over and its recording complete; tell how it ended.

        Raises IvrError when that takes longer than so many seconds.
        """
        event = await self.trail.wait("ended", within=within)
        return Ended(event.number("status"), event.text("reason"), event.text("by") == "there")

    async def hang_up(self) -> Ended:
        """Hang up and wait until the call is over; safe when it already is."""
        if not any(event.name == "ended" for event in self.events):
            # It is refused when the far side was faster; if it was not, ended() says so.
            with contextlib.suppress(IvrError):
                await self._do("hang_up")
        return await self.ended(within=_ORDER_SECONDS)

    async def _do(self, what: str, **fields: Field) -> None:
        await self._order(what, call=self.number, **fields)


def files(record: Path | None, play: Path | None) -> dict[str, Field]:
    """Return the two files as an order names them."""
    return {
        "record": None if record is None else str(record),
        "play": None if play is None else str(play),
    }
