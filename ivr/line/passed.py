"""Passing on, as a channel tells it: that she has gone elsewhere, and with what she comes there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress

from ivr.flow.story import FROM_OUTSIDE, Story, brought
from ivr.line.variables import Commands
from ivr.wire import agi
from ivr.wire.agi import Expression, LineLost

# Where the dialplan takes those who are passed on (dialplans/passing.conf).
CONTEXT = "passing-on"
# What a channel is asked after a conversation, and what is left there of an earlier passing on.
MARKS = ("CONTEXT", "EXTEN", "BLINDTRANSFER")

# Holds when she called.
SINCE = "IVR_SINCE"

_BROUGHT = (
    "IVR_CALL",
    "IVR_FROM",
    "IVR_LANGUAGE",
    "IVR_SPEED",
    "IVR_PATH",
    "IVR_TOLD_RECORDED",
)


class PassedOn(LineLost):
    """She has not gone: an agent (`by`, her number) passed her on `to` another number.

    `agent` is the agent's name where app_queue knows it, `talked` the seconds they talked. The
    dialplan leads her there as soon as we let go of her; that is another part of her call.
    """

    def __init__(self, to: str, by: str, agent: str = "", talked: float = 0.0) -> None:
        super().__init__(f"passed on by {by} to {to}")
        self.to, self.by, self.agent, self.talked = to, by, agent, talked


def passed_on(marks: Sequence[str], agent: str = "", talked: float = 0.0) -> PassedOn | None:
    """Return how she was passed on, by what `MARKS` hold after a conversation, if she was."""
    context, number, transferer = marks
    if context != CONTEXT or not transferer:
        return None
    return PassedOn(number, passer(transferer), agent, talked)


def passer(channel: str) -> str:
    """Return the number of the agent whose channel this is, "" where it is none's."""
    agent = re.match(r"PJSIP/([0-9]{2,8})-", channel)
    return agent[1] if agent else ""


async def story(wire: Commands, channel: str) -> Story:
    """Return what the channel of a call that is passed on tells; nothing where she has gone."""
    asked = "|".join(f"${{{name}}}" for name in _BROUGHT)
    try:
        reply = await wire.command(agi.get_full_variable(Expression(asked)))
    except LineLost:
        return FROM_OUTSIDE
    values = reply.note.split("|") + [""] * len(_BROUGHT)
    return brought(channel, *values[: len(_BROUGHT)])


async def arrived(wire: Commands) -> int | None:
    """Return when she called, in tenths of a second (ivr/desk/order.py); None: it is not known."""
    with suppress(LineLost):
        reply = await wire.command(agi.get_full_variable(Expression(f"${{{SINCE}}}")))
        return moment(reply.note)
    return None


def moment(text: str) -> int | None:
    """Return the moment that `SINCE` tells; None where it tells none."""
    return int(text) if re.fullmatch(r"[0-9]{10,12}", text) else None


async def mark(wire: Commands, record: str) -> None:
    """Say on the channel which record this part of her call has, for the part behind it."""
    with suppress(LineLost):
        await wire.command(agi.set_variable("__IVR_CALL", record))
