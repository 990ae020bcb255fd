"""The workshop: clips become files, many at a time, each whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from ivr.errors import IvrError
from ivr.flow.speech import Clip
from ivr.speech import recipe
from ivr.speech.loudness import Samples
from ivr.speech.scratch import StorageError, full, scratch_in
from ivr.speech.studio import Candidate, Studio
from ivr.speech.voices import RECORDED, Voice

# Bytes. With less than this, the disk is why a voice failed, whatever it says itself.
_ROOM = 1_000_000

# Clips that one sox stretches. Starting it for each takes twice the time; but a voice may take a
# second for a clip, and Ctrl-C waits for what is under way.
_TAKES_AT_ONCE = 16
_SPOKEN_AT_ONCE = 2

Progress = Callable[[int, int], None]
Say = Callable[[str], None]
_Key = tuple[int, str]  # speed and form
_Job = TypeVar("_Job")
_Result = TypeVar("_Result")


class BuildError(IvrError):
    """Some clips could not be built; `failures` tells why, each with its clip."""

    def __init__(self, failures: Sequence[tuple[Clip, str]]) -> None:
        self.failures = tuple(failures)
        lines = [f"  '{clip.text}' ({clip.language}): {why}" for clip, why in failures]
        count = f"{len(lines)} clip{'' if len(lines) == 1 else 's'}"
        super().__init__("\n".join([f"{count} could not be built:", *lines]))


@dataclass(frozen=True)
class Detour:
    """A clip that is heard from a lesser candidate, as `candidate` could not give it."""

    clip: Clip
    candidate: str
    why: str


@dataclass(frozen=True)
class Spoken:
    """A clip as a voice spoke it: its recording as it is. `name` is the word of the settings."""

    clip: Clip
    name: str
    voice: Voice
    samples: Samples
    rate: int


@dataclass(frozen=True)
class Work:
    """A clip, the candidates to try in turn, and the files that each of them lacks.

    `heard` tells that the clip has its sounds already, from a lesser candidate.
    """

    clip: Clip
    tries: tuple[tuple[Candidate, dict[_Key, Path]], ...]
    heard: bool


@dataclass
class _Outcome:
    clip: Clip
    failed: list[tuple[str, str]] = field(default_factory=list)
    absent: list[tuple[str, str]] = field(default_factory=list)
    done: bool = False
    spoken: Spoken | None = None

    @property
    def why(self) -> str:
        reasons = [*self.failed, *self.absent]
        if len(reasons) == 1:
            return reasons[0][1]
        return "; ".join(f"{name}: {why}" for name, why in reasons) or "no voice speaks it"


@dataclass(frozen=True)
class _Mastered:
    outcome: _Outcome
    candidate: Candidate
    files: dict[_Key, Path]
    master: Samples


def build(
    todo: Sequence[Work], studio: Studio, root: Path, progress: Progress, said: Say, workers: int
) -> list[Detour]:
    """Build the clips; the contract is that of `Clips.build`."""
    detours: list[Detour] = []
    failures: list[tuple[Clip, str]] = []
    place = {work.clip: number for number, work in enumerate(todo)}
    with (
        scratch_in(root, {work.clip.language for work in todo}) as scratch,
        closing(
            _each(lambda batch: _make(batch, studio, scratch), _batches(todo), workers, studio)
        ) as made,
    ):
        outcomes = (outcome for batch in made for outcome in batch)
        for outcome in _told(outcomes, len(todo), progress, said):
            if outcome.done or todo[place[outcome.clip]].heard:
                detours += [Detour(outcome.clip, name, why) for name, why in outcome.failed]
            else:
                failures.append((outcome.clip, outcome.why))
    if failures:
        raise BuildError(sorted(failures, key=lambda failure: place[failure[0]]))
    return sorted(detours, key=lambda detour: place[detour.clip])


def spoken(
    clips: Sequence[Clip], studio: Studio, root: Path, progress: Progress, said: Say, workers: int
) -> Iterator[Spoken]:
    """Speak the clips; the contract is that of `Clips.spoken`."""
    failures: list[tuple[Clip, str]] = []
    with (
        scratch_in(root, ()) as scratch,
        closing(
            _each(lambda clip: _speak(clip, studio, scratch), clips, workers, studio)
        ) as outcomes,
    ):
        for outcome in _told(outcomes, len(clips), progress, said):
            if outcome.spoken:
                yield outcome.spoken
            else:
                failures.append((outcome.clip, outcome.why))
    if failures:
        raise BuildError(failures)


def _batches(todo: Sequence[Work]) -> Iterator[list[Work]]:
    takes = [work for work in todo if work.tries and work.tries[0][0].name == RECORDED]
    others = [work for work in todo if not work.tries or work.tries[0][0].name != RECORDED]
    for works, size in ((takes, _TAKES_AT_ONCE), (others, _SPOKEN_AT_ONCE)):
        for begin in range(0, len(works), size):
            yield works[begin : begin + size]


def _each(
    function: Callable[[_Job], _Result], jobs: Iterable[_Job], workers: int, studio: Studio
) -> Generator[_Result, None, None]:
    """Yield what the function makes of each job as it is made; hold no more than a few.

    Broken off, it ends the voices: a worker may be waiting for one that never answers.
    """
    with ThreadPoolExecutor(workers) as pool:
        waiting, pending = iter(jobs), set[Future[_Result]]()
        try:
            while True:
                for job in islice(waiting, 2 * workers - len(pending)):
                    pending.add(pool.submit(function, job))
                if not pending:
                    return
                done, pending = wait(pending, return_when=FIRST_COMPLETED)
                for future in done:
                    yield future.result()
        except BaseException:
            studio.close()
            raise
        finally:
            pool.shutdown(cancel_futures=True)


def _told(
    outcomes: Iterable[_Outcome], total: int, progress: Progress, said: Say
) -> Iterator[_Outcome]:
    """Pass outcomes on; tell how far it is, and once of every voice that is passed over."""
    told: set[str] = set()
    progress(0, total)
    for number, outcome in enumerate(outcomes, start=1):
        for name, why in outcome.absent:
            if name not in told:
                told.add(name)
                said(f"the voice {name} is passed over: {why}")
        yield outcome
        progress(number, total)


def _make(batch: Sequence[Work], studio: Studio, scratch: Path) -> list[_Outcome]:
    ready: list[_Mastered] = []
    outcomes = []
    for work in batch:
        outcomes.append(outcome := _Outcome(work.clip))
        files = dict(work.tries)

        def master(candidate: Candidate, clip: Clip = work.clip) -> Samples:
            return studio.master(clip, candidate, _wav(scratch))

        if found := _first(outcome, files, studio, scratch, master):
            candidate, samples = found
            ready.append(_Mastered(outcome, candidate, files[candidate], samples))
    by_files: dict[frozenset[_Key], list[_Mastered]] = {}
    for one in ready:
        by_files.setdefault(frozenset(one.files), []).append(one)
    for alike in by_files.values():
        _write_forms(alike, scratch)
    return outcomes


def _speak(clip: Clip, studio: Studio, scratch: Path) -> _Outcome:
    outcome = _Outcome(clip)
    voices = [one for one in studio.candidates(clip) if one.name != RECORDED]

    def recording(candidate: Candidate) -> tuple[Samples, int]:
        return studio.speak(clip, candidate.name, _wav(scratch))

    if found := _first(outcome, voices, studio, scratch, recording):
        candidate, sound = found
        outcome.spoken = Spoken(clip, candidate.name, studio.voice(candidate.name), *sound)
    return outcome


def _first(
    outcome: _Outcome,
    candidates: Iterable[Candidate],
    studio: Studio,
    scratch: Path,
    make: Callable[[Candidate], _Result],
) -> tuple[Candidate, _Result] | None:
    """Return the first candidate that can, with what it made; note what kept the others."""
    for candidate in candidates:
        if why := studio.why_not(outcome.clip, candidate):
            kept = outcome.failed if candidate.name == RECORDED else outcome.absent
            kept.append((candidate.name, why))
            continue
        try:
            return candidate, make(candidate)
        except IvrError as problem:
            outcome.failed.append((candidate.name, str(problem)))
            if shutil.disk_usage(scratch).free < _ROOM:
                raise StorageError(full(scratch.parent, os.strerror(errno.ENOSPC))) from None
    return None


def _write_forms(alike: Sequence[_Mastered], scratch: Path) -> None:
    """Make and write the files of clips that lack the same speeds and forms."""
    wanted = alike[0].files
    speeds, forms = {speed for speed, _ in wanted}, {form for _, form in wanted}
    try:
        made = recipe.forms([one.master for one in alike], speeds, forms)
    except recipe.RecipeError as problem:
        if len(alike) == 1:
            alike[0].outcome.failed.append((alike[0].candidate.name, str(problem)))
        else:
            for one in alike:
                _write_forms([one], scratch)
        return
    for one, sounds in zip(alike, made, strict=True):
        for key, path in one.files.items():
            fresh = scratch / f"{path.parent.name}-{path.name}"
            try:
                fresh.write_bytes(sounds[key])
                # Renamed, so that a file that is there is a whole one.
                fresh.replace(path)
            except OSError as problem:
                raise StorageError(full(scratch.parent, problem.strerror)) from None
        one.outcome.done = True


def _wav(scratch: Path) -> Path:
    return scratch / f"{uuid4().hex}.wav"
