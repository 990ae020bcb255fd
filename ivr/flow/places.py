"""Where to go on when a prompt goes on in another form: in another language, or said carefully.

Every language orders words and values in its own way, so the same place is found by what all
share: sentences, values, and the clauses between them. Where these do not tell, the earlier
place is taken: to hear a clause twice is a nuisance, never to hear it is a fault.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import groupby

from ivr.flow.speech import Clip, Place

# A value by its name, and how many of that name come before it in the prompt.
Value = tuple[str, int]


@dataclass(frozen=True)
class _Run:
    """Clips that stand together: a value, or the words of a sentence between two values."""

    sentence: int
    value: Value | None
    clips: tuple[int, ...]

    @property
    def start(self) -> int:
        return self.clips[0]


def onward(source: Sequence[Place], target: Sequence[Place], reached: int) -> int:
    """Return the item of `target` to go on from for a caller who reached an item of `source`.

    Inside a value that is the beginning of the same value, with the words that lead to it where
    she has heard none such; in words, the clause at the same place of the sentence. Every value
    she has not begun to hear is still ahead of it. It is `len(target)` when no words of `source`
    are left.
    """
    if source == target:
        return reached
    ours, theirs = _runs(source), _runs(target)
    left = [run for run in ours if run.clips[-1] >= reached]
    if not left:
        return len(target)
    here = left[0]
    begun = {run.value for run in ours if run.value and run.start <= here.start}
    same = next((run for run in theirs if here.value and run.value == here.value), None)
    if same is None:
        goal = _in_words(ours, theirs, here, reached)
    elif _lead(ours, here):
        goal = same.start
    else:
        goal = (_lead(theirs, same) or same).start
    for run in theirs:
        if run.value and run.value not in begun and run.start < goal:
            return (_lead(theirs, run) or run).start
    return goal


def _runs(places: Sequence[Place]) -> list[_Run]:
    """Return the runs of clips, their sentences counted anew: one without words is none."""
    runs: list[_Run] = []
    spoken = [(index, place) for index, place in enumerate(places) if isinstance(place.item, Clip)]
    for _, together in groupby(spoken, lambda each: (each[1].sentence, each[1].part)):
        items = list(together)
        name = items[0][1].value
        nth = sum(run.value is not None and run.value[0] == name for run in runs)
        runs.append(
            _Run(items[0][1].sentence, (name, nth) if name else None, tuple(i for i, _ in items))
        )
    numbers = sorted({run.sentence for run in runs})
    return [_Run(numbers.index(run.sentence), run.value, run.clips) for run in runs]


def _lead(runs: Sequence[_Run], value: _Run) -> _Run | None:
    """Return the words in front of a value in its sentence, if there are any."""
    before = runs[: runs.index(value)][-1:]
    return next((r for r in before if not r.value and r.sentence == value.sentence), None)


def _in_words(ours: Sequence[_Run], theirs: Sequence[_Run], here: _Run, reached: int) -> int:
    """Return where the words of the run `here` are said in the other form."""
    count, others = ours[-1].sentence + 1, theirs[-1].sentence + 1
    number = _align(here.sentence, count, others)
    sentence = [run for run in theirs if run.sentence == number]
    begun = {run.value for run in ours if run.value and run.start < here.start}
    behind = _behind(sentence, begun)
    if behind == len(sentence) or sentence[behind].value:
        # No words stand there: what she is hearing was said before the last value, or with it.
        return sentence[max(0, behind - 1)].start
    words = sentence[behind]
    said = {run.value for run in sentence[:behind] if run.value}
    ours_said = {run.value for run in ours if run.value in begun and run.sentence == here.sentence}
    if here.value or count != others or said != ours_said:
        return words.start
    heard = sum(clip < reached for clip in here.clips)
    return words.clips[_align(heard, len(here.clips), len(words.clips))]


def _behind(sentence: Sequence[_Run], begun: Collection[Value]) -> int:
    """Return the place in a sentence behind the values that have begun, up to the first other."""
    behind = 0
    for index, run in enumerate(sentence):
        if run.value in begun:
            behind = index + 1
        elif run.value:
            break
    return behind


def _align(index: int, count: int, others: int) -> int:
    """Return which of so many others is surely not past one of `count`."""
    return max(0, index - max(0, count - others))
