"""Lines: the switch's queues of a desk, one for each set of skills that is asked for there.

`front_desk` is the desk's own line, which all its agents answer; `front_desk+en+yue` is the one of
callers for whom it must be somebody with these skills. No name of a desk or a skill has a `+`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

_BETWEEN = "+"


def line(desk: str, skills: Iterable[str] = ()) -> str:
    """Return the queue of a desk's callers who need these skills, in whatever order they stand."""
    return _BETWEEN.join((desk, *sorted({*skills})))


def desk_of(queue: str) -> str:
    """Return the desk that a queue belongs to."""
    return queue.partition(_BETWEEN)[0]


def skills_of(queue: str) -> tuple[str, ...]:
    """Return the skills that a queue's callers need; none for a desk's own line."""
    return tuple(queue.split(_BETWEEN)[1:])


def among(queue: str, known: Collection[str]) -> str:
    """Return the queue, or its desk's own where there is no such line: nobody waits nowhere."""
    return queue if queue in known else desk_of(queue)
