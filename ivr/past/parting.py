"""A call then and now: whether it ends elsewhere, and where the two part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from ivr.flow.record import CallRecord
from ivr.past.explain import clock
from ivr.past.moments import Moment, moments


@dataclass(frozen=True)
class Replayed:
    """A call then and now. `assumed` are errands of which the record does not tell."""

    then: CallRecord
    now: CallRecord
    assumed: tuple[str, ...] = ()

    @property
    def parting(self) -> int | None:
        """How many nodes both went through before they parted; None where they did not."""
        ours, theirs = nodes(self.then), nodes(self.now)
        if ours == theirs:
            return None
        pairs = zip(ours, theirs, strict=False)
        return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(ours), len(theirs)))

    @property
    def ends_elsewhere(self) -> bool:
        """Whether it ends otherwise, or at another node."""
        return end(self.then) != end(self.now)


def nodes(record: CallRecord) -> list[str]:
    """Return the nodes a call came through."""
    return [step.node for step in record.path]


def end(record: CallRecord) -> tuple[str, str]:
    """Return what became of a call, and the last node of it."""
    return record.outcome, record.path[-1].node if record.path else ""


def line(replayed: Replayed) -> str:
    """Return one line that tells where a call ended, where it ends now, and where they part."""
    then, now = end(replayed.then), end(replayed.now)
    at = replayed.parting
    ends = f"{then[0]} in {then[1]} → {now[0]} in {now[1]}" if then != now else f"{then[0]} still"
    if at is None:
        return f"{replayed.then.id}  {ends}"
    ours, theirs = nodes(replayed.then), nodes(replayed.now)
    after = f"after {ours[at - 1]}" if at else "at once"
    ways = " → ".join(path[at] if at < len(path) else "the end" for path in (ours, theirs))
    return f"{replayed.then.id}  {ends}; they part {after}: {ways}"


def report(replayed: Sequence[Replayed], poor: Counter[str]) -> Iterator[str]:
    """Yield what a person wants to know of many calls: how many, then which."""
    elsewhere = [each for each in replayed if each.ends_elsewhere]
    otherwise = [each for each in replayed if not each.ends_elsewhere and each.parting is not None]
    same = len(replayed) - len(elsewhere) - len(otherwise)
    yield f"{same:>7,} go as they went"
    yield f"{len(otherwise):>7,} end as they did, by another way"
    yield f"{len(elsewhere):>7,} would end elsewhere"
    for why, count in poor.most_common():
        yield f"{count:>7,} cannot be replayed: {why}"
    assumed = Counter(errand for each in replayed for errand in set(each.assumed))
    for errand, count in assumed.most_common():
        yield f"{count:>7,} come to {errand}, which they did not then: taken as it usually answers"
    for title, calls in (("would end elsewhere", elsewhere), ("by another way", otherwise)):
        if calls:
            yield f"\n{title}:"
            yield from map(line, calls)


@dataclass(frozen=True)
class Row:
    """A moment of both calls (sign ` `), of the call then (`-`), or of the call now (`+`)."""

    sign: str
    text: str


def rows(replayed: Replayed) -> list[Row]:
    """Return the moments of both calls beside each other, in order.

    What was said in the same words, pressed and answered is one row, whenever it was.
    """
    ours, theirs = moments(replayed.then), moments(replayed.now)
    same = SequenceMatcher(None, [*map(_what, ours)], [*map(_what, theirs)], autojunk=False)
    told: list[Row] = []
    for tag, i, until_i, j, until_j in same.get_opcodes():
        told += _rows(" " if tag == "equal" else "-", ours[i:until_i])
        told += _rows("+", theirs[j:until_j] if tag != "equal" else ())
    then, now = _last(replayed.then), _last(replayed.now)
    return [*told, *([Row(" ", then)] if then == now else [Row("-", then), Row("+", now)])]


def _what(moment: Moment) -> tuple[str, str, str]:
    return moment.node, moment.mark, moment.text


def _rows(sign: str, some: Iterable[Moment]) -> Iterator[Row]:
    for each in some:
        note = f"  ({each.note})" if each.note else ""
        yield Row(sign, f"{clock(each.at)}  {each.node}  {each.mark} {each.text}{note}")


def _last(record: CallRecord) -> str:
    outcome, node = end(record)
    return f"■ {outcome} in {node}: {record.why}"
