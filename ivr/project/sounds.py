"""The sounds of a hotline: what it says, in which voices, and what the switch says by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import chain

from ivr.config import Settings
from ivr.flow.project import Project
from ivr.flow.speech import Clip
from ivr.speech import delivery
from ivr.speech.audit import is_made, unused
from ivr.speech.clips import BuildError, Clips, Detour
from ivr.speech.compose import Load, compose
from ivr.speech.recipe import RecipeError
from ivr.speech.sheet import Row, sheet
from ivr.speech.takes import Takes
from ivr.speech.voices import voices
from ivr.switch.files import private

APOLOGY = "apology"
BUSY = "lines_busy"
SWITCH_SAYS = (APOLOGY, BUSY, "sent_done", "sent_not_done")
"""The prompts that the dialplan plays by itself (dialplans/)."""

Progress = Callable[[int, int], None]
"""Is told how many are done, and of how many."""


@contextmanager
def speakers(settings: Settings, takes: Takes) -> Iterator[Clips]:
    """Give the clips of this checkout; engines that were started for them end with the block.

    Raises IvrError for a voice that lacks a setting.
    """
    order: dict[str, tuple[str, ...]] = dict(settings.voices.items())
    made = voices(chain.from_iterable(order.values()), settings.voice_command)
    try:
        yield Clips(settings.built, takes, order, made)
    finally:
        for voice in made.values():
            voice.close()


def clips_of(project: Project) -> list[Clip]:
    """Return every clip that a caller may hear, each once; of values, the kinds prompts say."""
    return [row.clip for row in sheet(project) if row.uses]


def build(
    settings: Settings,
    project: Project,
    clips: Clips,
    progress: Progress,
    say: Callable[[str], None],
) -> list[Detour]:
    """Build every sound that is missing, the switch's own among them.

    Returns the clips that a better voice failed at. Raises BuildError, after all others are
    built, for clips that no voice could say, and StorageError for a disk that is full.
    """
    detours = clips.build(clips_of(project), project.speeds, settings.codecs, progress, say)
    write_apologies(settings, project, clips.load)
    return detours


def keep(
    rows: Sequence[Row], takes: Takes, clips: Clips, progress: Progress, say: Callable[[str], None]
) -> None:
    """Make takes of what has none, by the first voice that can, and drop what nothing says.

    Only what programs spoke is dropped. Raises TakesError for a disk that is full.
    """
    delivery.renumber(rows, takes)
    named = {row.clip: row for row in rows}
    # What no voice can say, the build that follows tells.
    with suppress(BuildError), takes.together():
        for one in clips.spoken(named, progress, say):
            row = named[one.clip]
            holder = takes.by_id(row.clip.language, row.id)
            if holder is not None and not is_made(holder):
                say(f"{row.name} is not kept: a recording of '{holder.clip.text}' has this name")
                continue
            try:
                takes.keep(
                    one.clip, row.id, one.samples, one.rate, one.voice.name, one.voice.licence
                )
            except RecipeError as problem:
                say(f"{row.name} is not kept: '{one.clip.text}': {problem.why}")
    takes.remove([take for take in unused(rows, takes) if is_made(take)])


def write_apologies(settings: Settings, project: Project, load: Load) -> None:
    """Write what the switch says by itself, with or without a controller, in every form.

    An instance has its own: others may speak other languages.
    """
    folder = settings.state / "sounds"
    private(settings.state)
    private(folder)
    written = {
        folder / f"{prompt}-{language}.{form}": audio
        for prompt in SWITCH_SAYS
        for form in settings.codecs
        for language, audio in apologies(project, load, form, prompt).items()
    }
    for path, audio in written.items():
        fresh = path.with_name(f".{path.name}")
        fresh.write_bytes(audio)
        fresh.replace(path)
    for prompt in SWITCH_SAYS:
        for path in folder.glob(f"{prompt}-*"):
            if path not in written:
                path.unlink()


def apologies(
    project: Project, load: Load, form: str, prompt: str = APOLOGY
) -> Mapping[str, bytes]:
    """Return the apology, or another `prompt`, in each language that some flow speaks."""
    catalogue = project.catalogue
    spoken = [x for x in project.languages if x in catalogue.texts.get(prompt, {})]
    return {x: compose(catalogue.utterance(prompt, x), 100, load, form=form).audio for x in spoken}


def written_names(settings: Settings, prompt: str) -> list[str]:
    """Return what was written of a prompt, without endings: the switch takes the one it needs."""
    found = (settings.state / "sounds").glob(f"{prompt}-*")
    return sorted({str(path.with_suffix("")) for path in found})
