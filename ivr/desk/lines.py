"""Lines: the switch's queues of a desk, one for each set of skills that is asked for there.

`front_desk` is the desk's own line, which all its agents answer; `front_desk+en+yue` is the one of
callers for whom it must be somebody with these skills. No name of a desk or a skill has a `+`.

Who may answer in a line, and when, is app_queue's penalty: an agent is offered a caller once her
penalty is no more than the caller's `QUEUE_MAX_PENALTY`, which begins at `AT_FIRST` and rises as
the desk relaxes; of those, the lowest first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_BETWEEN = "+"
# As flows and agents.yaml may write it; a name goes into the switch's files and its dialplan.
_NAME = re.compile(r"[^\W\d][\w-]{0,63}")
# Levels go from 1 to 5.
_BEST = 5
# A caller whose channel has no QUEUE_MAX_PENALTY is offered to everybody, and nothing relaxes
# (app_queue.c, update_qe_rule), so each gets this one before she is queued.
AT_FIRST = _BEST - 1
ANYONE = 2 * _BEST - 1


def line(desk: str, skills: Iterable[str] = ()) -> str:
    """Return the queue of a desk's callers who need these skills, in whatever order they stand.

    What cannot be the name of a skill, as a variable may hold it, is left out.
    """
    return _BETWEEN.join((desk, *sorted({each for each in skills if _NAME.fullmatch(each)})))


def desk_of(queue: str) -> str:
    """Return the desk that a queue belongs to."""
    return queue.partition(_BETWEEN)[0]


def skills_of(queue: str) -> tuple[str, ...]:
    """Return the skills that a queue's callers need; none for a desk's own line."""
    return tuple(queue.split(_BETWEEN)[1:])


def penalty(levels: Mapping[str, int], skills: Iterable[str], *, by_level: bool) -> int:
    """Return an agent's penalty in a line; the worst of her levels counts. None is asked for: 0.

    `by_level` is for a desk that relaxes level by level: the best are offered its callers at
    first, and the next after each step. Else all who have the skills are, the best first.
    """
    found = [levels.get(skill, 0) for skill in skills]
    if not found:
        return 0
    if not (worst := min(found)):
        return ANYONE
    return (AT_FIRST if by_level else 0) + _BEST - worst


def steps(every: float | None, anyone: float | None) -> list[tuple[int, int]]:
    """Return after how many whole seconds which `QUEUE_MAX_PENALTY` holds, as a desk relaxes."""
    levels = range(1, _BEST) if every else ()
    found = [(round(level * (every or 0)), AT_FIRST + level) for level in levels]
    if anyone is None:
        return found
    return [*((after, most) for after, most in found if after < anyone), (round(anyone), ANYONE)]
