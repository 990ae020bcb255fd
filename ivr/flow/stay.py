"""Staying: a caller waits in a queue, and walks nodes of her flow meanwhile.

The queue knows nothing of it. A walk begins at `while_waiting`, comes to its end or back to the
queue, and after some music begins again. The agent who answers ends it wherever it is. What needs
her whole line (a recording, a number that is dialled, the end of the call) or promises that she is
called back takes her out of the queue first: `Session` sees to that.
"""

from __future__ import annotations

from ivr.flow.call import Call
from ivr.flow.effects import (
    Announced,
    EndWait,
    Enqueue,
    Listen,
    LookAhead,
    Queued,
)
from ivr.flow.fields import NodeName
from ivr.flow.outlook import LONG, Outlook
from ivr.flow.unwinding import Elsewhere, WaitOver

# Seconds of music before the first words: whom an agent answers at once hears none of them.
BREATH = 1.0
# So often it is looked whether something is announced.
LOOK = 1.0

KNOWN = ("nothing", "place", "long", "wait")
"""What `$waiting.known` may hold; who is told her wait can be told her place as well.

`long` is more than half an hour, which is not told in minutes.
"""
TOLD = {"place": ("place", "long", "wait"), "wait": ("wait",)}
"""Of what is told only where it is known: what `$waiting.known` then is."""


async def stay(
    call: Call, enqueue: Enqueue, first: NodeName, every: float
) -> tuple[Queued, NodeName | None]:
    """Queue her, and walk from `first` while she waits, again after so many seconds of music.

    Returns how it ended; and where she has left the queue, the node she goes on at.
    """
    queued = await enqueue
    if isinstance(queued, Queued):
        return queued, None
    here = call.node
    try:
        music = BREATH
        while True:
            await _rest(call, music)
            left = await _walk(call, here, first)
            if left is not None:
                return Queued("left"), left
            call.enters(here)
            music = every
    except WaitOver as over:
        if call.node != here:
            call.enters(here)
        return over.queued or await EndWait(), None


async def _walk(call: Call, here: NodeName, first: NodeName) -> NodeName | None:
    """Walk once; return the node she goes on at if she has left the queue, or None."""
    call.talk.waiting = told(await LookAhead())
    # The music is what waits for her: an hour of it is no circle without a key.
    call.talk.alone = 0
    node = first
    while node in call.flow.nodes and node != here:
        try:
            node = await call.step(node)
        except Elsewhere:  # a key of a flow that calls this one
            await _leave(call)
            raise
        if not call.talk.stays:
            return node
    if node in call.flow.header.outcomes:
        await _leave(call)
        return node
    return None


async def _leave(call: Call) -> None:
    if call.talk.stays:
        queued = await EndWait(leaves=True)
        if queued.outcome != "left":
            raise WaitOver(queued=queued)


async def _rest(call: Call, seconds: float) -> None:
    """Let her hear the music until a key, and whatever is announced meanwhile."""
    left = seconds
    while left > 0:
        for place in call.talk.places:
            await call.announce(await Announced(place))
        began = call.now
        if keys := await Listen(min(LOOK, left), rests=True):
            call.talk.press(keys, began)
            return
        left -= LOOK


def told(outlook: Outlook | None) -> dict[str, str]:
    """Return what `$waiting` holds."""
    if outlook is None:
        return {"known": "nothing", "longer": "no"}
    longer = "yes" if outlook.longer else "no"
    values = {"known": "place", "place": str(outlook.place), "longer": longer}
    if outlook.wait is not None and outlook.wait >= LONG:
        values |= {"known": "long"}
    elif outlook.wait is not None:
        values |= {"known": "wait", "wait": spoken(outlook.wait)}
    return values


def spoken(seconds: float) -> str:
    """Return a wait as it is told: in whole minutes, never fewer, and beyond ten by fives."""
    minutes = max(1, -(-round(seconds) // 60))
    return f"{minutes if minutes <= 10 else -(-minutes // 5) * 5}m"
