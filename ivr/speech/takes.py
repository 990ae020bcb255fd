"""Takes: recordings of clips, kept in version control as compressed masters.

What is kept, renamed and removed becomes true together; `ivr/speech/masters.py` has the files.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from ivr.errors import Problem, Where
from ivr.flow.speech import Clip
from ivr.speech import manifest, opus, recipe
from ivr.speech.loudness import Samples, loudness, peak
from ivr.speech.manifest import Take
from ivr.speech.masters import Masters, TakesError, unbroken

__all__ = ["Take", "Takes", "TakesError"]

_Key = tuple[str, str]  # language and id


class Takes:
    """The takes below a folder. Safe to use from threads; one process at a time may change them.

    `problems` is what was wrong with the manifests when they were read; what is right is used.
    """

    def __init__(self, folder: Path, root: Path | None = None) -> None:
        self.problems: tuple[Problem, ...] = ()
        self._files = Masters(folder, root)
        self._takes: dict[_Key, Take] = {}
        self._by_clip: dict[Clip, Take] = {}
        self._staged: dict[_Key, Take | None] = {}
        self._depth = 0
        self._lock = threading.RLock()

    @classmethod
    def load(cls, folder: Path, root: Path | None = None) -> Takes:
        """Read every manifest of a folder; without the folder there are no takes.

        Problems name files relative to `root`. Raises TakesError where a file cannot be read.
        """
        takes = cls(folder, root)
        problems: list[Problem] = []
        for language in takes._files.languages():
            found, wrong = takes._files.manifest_now(language)
            takes._take_in(language, found)
            problems += [*wrong, *takes._files.absent(language, found)]
        takes.problems = tuple(sorted(problems))
        return takes

    def __iter__(self) -> Iterator[Take]:
        return iter([self._takes[key] for key in sorted(self._takes)])

    def __len__(self) -> int:
        return len(self._takes)

    def find(self, clip: Clip) -> Take | None:
        """Return the take of a clip."""
        return self._by_clip.get(clip)

    def by_id(self, language: str, id: str) -> Take | None:
        """Return the take with an id."""
        return self._takes.get((language, id))

    def master(self, take: Take) -> Path:
        """Return where the master of a take lies, or should."""
        return self._files.path(take)

    def samples(self, take: Take) -> Samples:
        """Return the sound of a take at `recipe.MASTER_RATE`.

        Raises RecipeError that names the file when it is missing, is not the one that the
        manifest tells of, or cannot be read.
        """
        return self._files.samples(take)

    def damaged(self) -> list[Problem]:
        """Read every master, and tell of those that are missing or were changed."""
        return [problem for take in self if (problem := self._files.damage(take))]

    def keep(
        self, clip: Clip, id: str, samples: Samples, rate: int, voice: str, licence: str
    ) -> Take:
        """Master a recording and make it the take of a clip; return it.

        Earlier takes of the same words or of the same id go. Raises RecipeError when there is no
        speech in it, TakesError when it cannot be written; then all is as it was.
        """
        _check_id(id)
        with unbroken():
            return self._keep(clip, id, samples, rate, voice, licence)

    def rename(self, take: Take, id: str) -> Take:
        """Give a take another id, its master as it is; return it. Raises TakesError."""
        _check_id(id)
        renamed = replace(take, id=id, file=_file(take.clip.language, id))
        with unbroken(), self._staging():
            self.check(take.clip.language)
            try:
                content = self.master(take).read_bytes()
            except OSError as problem:
                raise TakesError(f"{self.master(take)}: {problem.strerror}") from None
            self._files.lay_aside(renamed.file, content)
            self._stage(renamed)
        return renamed

    def remove(self, takes: Iterable[Take]) -> None:
        """Forget takes and remove their masters. Raises TakesError."""
        with unbroken(), self._staging():
            for take in list(takes):
                self.check(take.clip.language)
                self._staged[take.clip.language, take.id] = None

    @contextmanager
    def together(self) -> Iterator[None]:
        """Let all that is kept and removed within become true at the end, with one manifest.

        What was finished becomes true whatever ends it, Ctrl-C too. Until then nothing is
        changed, and nothing kept is found. Raises TakesError.
        """
        self._enter()
        try:
            yield
        finally:
            with unbroken():
                self._leave()

    def check(self, language: str, problems: Iterable[Problem] | None = None) -> None:
        """Raise TakesError where writing the manifest would lose what could not be read."""
        name = self._files.manifest_name(language)
        for problem in self.problems if problems is None else problems:
            if problem.where.file == name and problem.rule != "take-missing":
                raise TakesError(f"mend this first, or it would be lost:\n{problem}")

    def _take_in(self, language: str, takes: Iterable[Take]) -> None:
        others = [take for take in self._takes.values() if take.clip.language != language]
        now = [*others, *takes]
        self._takes = {(take.clip.language, take.id): take for take in now}
        self._by_clip = {take.clip: take for take in now}

    def _keep(
        self, clip: Clip, id: str, samples: Samples, rate: int, voice: str, licence: str
    ) -> Take:
        content, heard = opus.encoded(recipe.mastered(samples, rate))
        file = _file(clip.language, id)
        with self._staging():
            self.check(clip.language)
            self._files.lay_aside(file, content)
            take = Take(
                id=id,
                clip=clip,
                file=file,
                sha256=hashlib.sha256(content).hexdigest(),
                voice=voice,
                licence=licence,
                lufs=round(loudness(heard, recipe.MASTER_RATE), 2),
                peak=round(peak(heard), 2),
                seconds=round(len(heard) / recipe.MASTER_RATE, 3),
                where=Where(self._files.manifest_name(clip.language)),
            )
            self._stage(take)
        return take

    @contextmanager
    def _staging(self) -> Iterator[None]:
        self._enter()
        try:
            yield
        finally:
            self._leave()

    def _enter(self) -> None:
        with self._lock:
            self._depth += 1

    def _leave(self) -> None:
        with self._lock:
            self._depth -= 1
            if not self._depth and self._staged:
                self._commit()

    def _stage(self, take: Take) -> None:
        with self._lock:
            for key, earlier in list(self._staged.items()):
                if earlier and earlier.clip == take.clip and earlier.id != take.id:
                    self._files.throw_away(earlier.file)
                    del self._staged[key]
            self._staged[take.clip.language, take.id] = take

    def _commit(self) -> None:
        staged, self._staged = self._staged, {}
        failed: list[TakesError] = []
        for language in sorted({language for language, _ in staged}):
            mine = {id: take for (code, id), take in staged.items() if code == language}
            fresh = [take for take in mine.values() if take]
            try:
                self._commit_language(language, set(mine), fresh)
            except TakesError as problem:
                failed.append(problem)
                for take in fresh:
                    self._files.throw_away(take.file)
        if failed:
            raise failed[0]

    def _commit_language(self, language: str, ids: set[str], fresh: list[Take]) -> None:
        # Upon what is there now: hours may have passed since it was read.
        before, problems = self._files.manifest_now(language)
        self.check(language, problems)
        texts = {take.clip.text for take in fresh}
        now = [take for take in before if take.id not in ids and take.clip.text not in texts]
        self._take_in(language, self._files.replace(language, [*now, *fresh], fresh))
        files = {take.file for take in (*now, *fresh)}
        for take in before:
            if take.file not in files:
                self.master(take).unlink(missing_ok=True)


def _file(language: str, id: str) -> str:
    return f"{language}/{id}.opus"


def _check_id(id: str) -> None:
    if not re.match(manifest.ID, id) or len(id.encode()) > manifest.LONGEST_ID:
        raise TakesError(f"'{id}' cannot be the id of a take: letters, digits, '_', '.', '-'")
