"""`ivr call`: place one call, press keys at their times, tell what happens.

The script of keys is `1@2.0 *@6.5`: the key (or keys) and the seconds after the answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ivr.errors import IvrError
from ivr.phone import sip
from ivr.phone.call import Call
from ivr.phone.phone import Phone
from ivr.phone.wire import Event

# A call of this house never lasts longer; it also keeps a slip such as 2000 from hanging.
LONGEST_SECONDS = 3600.0
_KEYS_LIMIT = 200


@dataclass(frozen=True)
class Press:
    """Keys to be pressed so many seconds after the answer."""

    keys: str
    at: float


def parse_keys(text: str) -> list[Press]:
    """Read `1@2.0 *@6.5`; an empty text is no keys.

    Raises IvrError that names the part that is wrong and what was expected.
    """
    parts = text.split()
    if len(parts) > _KEYS_LIMIT:
        raise IvrError(f"--keys has {len(parts)} parts; at most {_KEYS_LIMIT} are played")
    presses: list[Press] = []
    for place, part in enumerate(parts, start=1):
        try:
            press = _parse_press(part)
            if presses and press.at < presses[-1].at:
                raise IvrError(f"{press.at:g} s is before the {presses[-1].at:g} s of the last one")
        except IvrError as error:
            raise IvrError(
                f"--keys, part {place} '{part[:40]}': {error}; "
                "write key@seconds after the answer, as in '1@2.0 *@6.5'"
            ) from None
        presses.append(press)
    return presses


def _parse_press(part: str) -> Press:
    keys, sign, seconds = part.partition("@")
    if not sign or not keys:
        raise IvrError("a key and its time are joined by '@'")
    checked = sip.check_keys(keys)
    try:
        at = float(seconds)
    except ValueError:
        raise IvrError(f"'{seconds}' is not a number of seconds") from None
    if not 0 <= at <= LONGEST_SECONDS:
        raise IvrError(f"{at:g} s is not within 0 and {LONGEST_SECONDS:g} s")
    return Press(checked, at)


async def place(
    number: str,
    at: str,
    caller: str,
    keys: Sequence[Press],
    record: Path | None,
    seconds: float,
    say: Callable[[str], None],
) -> int:
    """Call `number` at "host:port" and give `say` one line for each thing that happens.

    Ends when the far side hangs up, or hangs up itself after so many seconds. Returns 0 when
    the call was answered, 1 when not. Raises IvrError when the call cannot be placed at all.
    """
    if not 0 < seconds <= LONGEST_SECONDS:
        raise IvrError(f"--seconds {seconds:g} is not within 0 and {LONGEST_SECONDS:g}")
    async with Phone(caller) as phone:
        began = time.monotonic() - phone.started
        call = await phone.call(number, at, record=record)
        say(f"   0.00  calling {number} at {at} as {caller!r}")
        beside = [
            asyncio.create_task(_press_all(call, keys)),
            asyncio.create_task(_hang_up_after(call, seconds)),
        ]
        try:
            await _tell(call, began, say)
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
    if record is not None and call.was_answered:
        say(f"         heard: {record}")
    return 0 if call.was_answered else 1


async def _press_all(call: Call, keys: Sequence[Press]) -> None:
    with contextlib.suppress(IvrError):  # the call ended first, which is told anyway
        await call.answered(within=LONGEST_SECONDS)
        answered = time.monotonic()
        for press in keys:
            await asyncio.sleep(answered + press.at - time.monotonic())
            await call.press(press.keys)


async def _hang_up_after(call: Call, seconds: float) -> None:
    await asyncio.sleep(seconds)
    await call.hang_up()


async def _tell(call: Call, began: float, say: Callable[[str], None]) -> None:
    answered: float | None = None
    for place in itertools.count():
        event = await call.trail.next(place)
        since = "" if answered is None else f", {event.at - answered:.2f} s after the answer"
        say(f"{event.at - began:7.2f}  {_words(event)}{since}")
        if event.name == "answered":
            answered = event.at
        elif event.name == "ended":
            return


def _words(event: Event) -> str:
    if event.name == "key":
        return f"key {event.text('key')}"
    if event.name == "ended":
        who = "the far side" if event.text("by") == "there" else "us"
        return f"ended by {who}: {event.number('status')} {event.text('reason')}"
    return event.name
