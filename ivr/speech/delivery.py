"""A studio's delivery: a folder of recordings, named as the sheet names its clips.

A studio sends what it sends: stereo MP3 at 44.1 kHz, folders by day, a file with a name nobody
knows. What is right is kept as takes; what is not is told, file by file, and nothing is guessed.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ivr.errors import IvrError, nearest
from ivr.flow.speech import Clip
from ivr.speech.audit import is_made, unused
from ivr.speech.loudness import Samples
from ivr.speech.manifest import Take
from ivr.speech.recipe import RecipeError, recording
from ivr.speech.sheet import Row
from ivr.speech.takes import Takes, TakesError

ENDINGS = frozenset({".wav", ".flac", ".mp3", ".ogg", ".oga", ".opus"})

# Seconds beyond what the words take. Nobody leaves so much silence around a clip, so there is
# something else in the file, mostly a whole session.
_TOO_LONG = 20.0

# A converter that is driven too far gives full scale several samples running; speech does not.
_FULL, _RUNNING = 0.999, 3


@dataclass(frozen=True)
class Kept:
    """A file that is a take now; `warning` tells what is not good about it, or is ""."""

    file: Path
    row: Row
    take: Take
    warning: str = ""


@dataclass(frozen=True)
class Refused:
    """A file that is none, and why."""

    file: Path
    why: str


def files(folder: Path) -> list[Path]:
    """Return the files of a folder and its sub-folders; what begins with a dot is the system's.

    Raises IvrError where there are none.
    """
    if not folder.is_dir():
        raise IvrError(f"there is no folder {folder}")
    found = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    shown = [path for path in found if not _is_hidden(path.relative_to(folder))]
    if not shown:
        raise IvrError(f"there is no recording in {folder}")
    return shown


def matched(found: Iterable[Path], rows: Sequence[Row]) -> tuple[dict[Path, Row], list[Refused]]:
    """Return the row of the sheet that each file is named after, and the files without one."""
    known = {row.name: row for row in rows}
    named: defaultdict[Row, list[Path]] = defaultdict(list)
    refused: list[Refused] = []
    for path in found:
        # macOS takes letters with accents apart.
        name = unicodedata.normalize("NFC", path.stem)
        if path.suffix.lower() not in ENDINGS:
            can = ", ".join(sorted(ENDINGS))
            refused.append(Refused(path, f"not a recording; what can be read is {can}"))
        elif name in known:
            named[known[name]].append(path)
        else:
            # Nobody mistypes one hexadecimal id for another.
            like = [row.name for row in rows if not row.kinds]
            refused.append(Refused(path, f"no clip has the name '{name}'{nearest(name, like)}"))
    for row, paths in named.items():
        if len(paths) > 1:
            refused += (
                Refused(path, f"{row.name} is also {_others(path, paths)}; leave one of them")
                for path in paths
            )
    return {paths[0]: row for row, paths in named.items() if len(paths) == 1}, refused


def admit(
    named: Mapping[Path, Row],
    rows: Sequence[Row],
    takes: Takes,
    voice: str,
    licence: str,
    progress: Callable[[int, int], None],
) -> list[Kept | Refused]:
    """Make each file the take of its row; return what became of it.

    `progress` is told the files done and the files to do. What is finished when it is broken off
    is kept. Raises TakesError for a disk that is full.
    """
    became: list[Kept | Refused] = []
    spoiled = _spoiled({row.clip.language for row in rows}, takes)
    renumber([row for row in rows if row.clip.language not in spoiled], takes)
    said = {row.clip for row in rows}
    progress(0, len(named))
    with takes.together():
        for done, (path, row) in enumerate(named.items(), start=1):
            try:
                if why := spoiled.get(row.clip.language):
                    raise RecipeError(why)
                became.append(_admit(path, row, takes, said, voice, licence))
            except RecipeError as problem:
                became.append(Refused(path, problem.why))
            progress(done, len(named))
    return became


def _spoiled(languages: Iterable[str], takes: Takes) -> dict[str, str]:
    """Return why nothing can be taken in some languages: their manifests cannot be read."""
    spoiled = {}
    for language in languages:
        try:
            takes.check(language)
        except TakesError as problem:
            spoiled[language] = str(problem)
    return spoiled


def renumber(rows: Sequence[Row], takes: Takes) -> None:
    """Give the takes of words whose id has changed the id that the sheet has now.

    Ids move on when a clause is put before them; a recording of the new clause would else take
    the place of the old one's, which is still said. A person's take that nothing says any more
    is not lost either: the id stays with it. Raises TakesError.
    """
    dispensable = {_key(take) for take in unused(rows, takes) if is_made(take)}
    moves = [(row, take) for row in rows if (take := takes.find(row.clip)) and take.id != row.id]
    while True:
        leaving = {_key(take) for _, take in moves}
        free = [
            (row, take)
            for row, take in moves
            if takes.by_id(row.clip.language, row.id) is None
            or (row.clip.language, row.id) in leaving | dispensable
        ]
        if len(free) == len(moves):
            break
        moves = free
    with takes.together():
        for row, take in moves:
            takes.rename(take, row.id)


def _admit(
    path: Path, row: Row, takes: Takes, said: set[Clip], voice: str, licence: str
) -> Kept | Refused:
    samples, rate = recording(path)
    seconds = len(samples) / rate
    if seconds > row.estimate + _TOO_LONG:
        why = (
            f"{seconds:.0f} s long, and its words take about {row.estimate:.0f} s; is more than "
            "one recording in it?"
        )
        return Refused(path, why)
    holder = takes.by_id(row.clip.language, row.id)
    if holder is not None and holder.clip != row.clip and holder.clip in said:
        return Refused(path, f"its name is that of a take of other words: '{holder.clip.text}'")
    take = takes.keep(row.clip, row.id, samples, rate, voice, licence)
    return Kept(path, row, take, _warning(samples))


def _key(take: Take) -> tuple[str, str]:
    return take.clip.language, take.id


def _warning(samples: Samples) -> str:
    full = np.concatenate([[False], np.abs(samples) >= _FULL, [False]])
    begins, ends = np.flatnonzero(np.diff(full.astype(np.int8))).reshape(-1, 2).T
    places = int(((ends - begins) >= _RUNNING).sum())
    if not places:
        return ""
    where = "one place" if places == 1 else f"{places} places"
    return f"too loud: it is clipped in {where}; better record it again"


def _is_hidden(path: Path) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in path.parts)


def _others(path: Path, paths: Iterable[Path]) -> str:
    return ", ".join(str(other) for other in paths if other != path)
