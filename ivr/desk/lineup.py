"""The desks of a moment as a wait is foretold from: who waits, in order, and who is at work.

Pure: the board and the tempo in, callers and seats out (`ivr/desk/forecast.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from ivr.desk.agenda import Booking, State
from ivr.desk.forecast import Seat, Waiting
from ivr.desk.lines import desk_of, line
from ivr.desk.snapshot import AgentState, Post, Queue
from ivr.desk.tempo import Tempo


def in_order(
    queues: Sequence[Queue],
    weights: Mapping[str, int],
    now: datetime,
    booked: Iterable[Booking] = (),
) -> list[Waiting]:
    """Return who waits in the order of service; `weights` are those of desks that have any.

    Among them are those who are to be called back now, with the place of when they called.

    Within a line the switch has them in order. One who stands before somebody who joined earlier
    came earlier still, and was passed on (`ivr/desk/order.py`).
    """
    found = []
    for queue in queues:
        came = now
        for caller in reversed(queue.callers):
            came = min(came, caller.since)
            key = (-weights.get(desk_of(queue.name), 0), came, queue.name, caller.position)
            waited = max(0.0, (now - caller.since).total_seconds())
            found.append((key, Waiting(caller.id, queue.name, waited)))
    lines = {queue.name for queue in queues}
    # For whom somebody stands in already; the bookings may be a moment old.
    stand = {
        (desk_of(queue.name), caller.number)
        for queue in queues
        for caller in queue.callers
        if caller.is_booked
    }
    for booking in booked:
        is_ready = booking.state is State.OPEN and (booking.not_before or now) <= now
        if is_ready and (booking.desk, booking.number) not in stand:
            hers = line(booking.desk, booking.skills)
            where = hers if hers in lines else booking.desk
            came = datetime.fromtimestamp(booking.arrived / 10, UTC)
            key = (-weights.get(booking.desk, 0), came, where, 0)
            found.append((key, Waiting(f"booking {booking.id}", where, 0.0)))
    return [waiting for _, waiting in sorted(found, key=lambda each: each[0])]


def at_work(posts: Iterable[Post], tempo: Tempo, now: datetime) -> list[Seat]:
    """Return the agents who take callers now or once they have done with theirs."""
    hers: dict[str, list[Post]] = {}
    for post in posts:
        hers.setdefault(post.interface, []).append(post)
    seats = []
    for interface, all_of_hers in hers.items():
        there = [p for p in all_of_hers if p.goes_on and p.state is not AgentState.LOGGED_OUT]
        if not there:
            continue
        talks = None
        if any(post.state is AgentState.TALKING for post in there):
            # Of one who talks to nobody out of a queue nothing is known but that she does.
            line, lasted = tempo.talking(interface, now) or (there[0].queue, timedelta(0))
            talks = line, lasted.total_seconds()
        seats.append(
            Seat(
                {post.queue: post.penalty for post in there},
                talks,
                max(post.rest for post in there),
                max(post.wrap_up for post in there),
            )
        )
    return seats
