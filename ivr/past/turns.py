"""What a caller did in a call, told by what was being said, so that she can do it again.

A time on the clock means nothing in another version of a flow, where texts are longer or shorter.
So each key belongs to what was being said when it came: a prompt and the clip of it, or the
silence after a prompt and how long that had lasted.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import groupby

from ivr.flow.logbook import MOST_ENTRIES
from ivr.flow.record import SECRET, CallRecord, Heard, KeyPress
from ivr.past.moments import is_deaf, since

# What is pressed for a secret digit, which no record holds.
ANY_DIGIT = "0"


@dataclass(frozen=True)
class Press:
    """A key, at which node it was used, and how many milliseconds after the words it came.

    `is_any` tells that it stands for a digit of a secret, which may have been any.
    """

    key: str
    node: str
    after: int = 0
    is_any: bool = False

    def among(self, takes: Collection[str]) -> str:
        """Return the key; of any digits one that does not lead elsewhere, if there is one."""
        if self.is_any and self.key in takes:
            return next((digit for digit in "123456789" if digit not in takes), self.key)
        return self.key


@dataclass(frozen=True)
class Turn:
    """One thing she heard, for how many milliseconds, and what she did then.

    `keys` cut it at clip `cut_at`, or came with its last words where that is None; `later` came in
    the silence after it. `left` tells that she hung up while it was said.
    """

    prompt: str
    language: str
    node: str
    lasted: int
    cut_at: int | None
    keys: tuple[Press, ...] = ()
    later: tuple[Press, ...] = ()
    left: bool = False


def turns(record: CallRecord) -> tuple[Turn, ...]:
    """Return what she did, in order. Keys before the first words belong to these."""
    presses = sorted(record.keys, key=lambda key: key.at)
    ends = [heard.to_ms for heard in record.heard]
    owner: dict[int, list[KeyPress]] = {}
    for at, keys in groupby(presses, lambda key: since(record, key.at)):
        before = [index for index, end in enumerate(ends) if end <= at]
        # Words that a key typed ahead kept from being said end with those that it came with.
        owner.setdefault(ends.index(ends[before[-1]]) if before else 0, []).extend(keys)
    return tuple(
        _turn(record, heard, owner.get(index, [])) for index, heard in enumerate(record.heard)
    )


def _turn(record: CallRecord, heard: Heard, keys: list[KeyPress]) -> Turn:
    presses = [
        Press(
            # One that was thrown away may have been any key. It cut what was said, as this does,
            # which is no key and so answers nothing.
            ANY_DIGIT if key.key == SECRET and not is_deaf(record, key.node) else key.key,
            key.node,
            max(0, since(record, key.at) - heard.to_ms),
            key.key == SECRET and not is_deaf(record, key.node),
        )
        for key in keys
    ]
    with_it = tuple(press for press in presses if press.after == 0)
    return Turn(
        prompt=heard.prompt or "",
        language=heard.language,
        node=heard.node,
        lasted=heard.to_ms - heard.from_ms,
        cut_at=heard.cut_at,
        keys=with_it,
        later=tuple(press for press in presses if press.after),
        left=not with_it and _was_last(record, heard),
    )


def _was_last(record: CallRecord, heard: Heard) -> bool:
    """Whether she hung up with these words."""
    if record.ended is None or not hung_up(record):
        return False
    return heard.to_ms >= since(record, record.ended)


def too_poor(record: CallRecord) -> str:
    """Return why a record does not tell enough to do it all again; "" when it does."""
    if record.ended is None:
        return "still going on"
    if record.asked is None:
        return "older than what a record now tells"
    if record.outcome == "failed" or not record.path or "shut down" in record.why:
        return "ended by a fault or an end of ours"
    if MOST_ENTRIES in map(len, (record.path, record.keys, record.heard, record.asked)):
        return "so long that its beginning is not kept"
    return ""


def hung_up(record: CallRecord) -> bool:
    """Whether it was she who ended the call."""
    return record.why.startswith("the caller hung up")
