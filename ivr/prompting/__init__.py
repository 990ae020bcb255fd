"""The commands `ivr prompts …`: what the hotline says, who says it, and how a studio records it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ivr import screen
from ivr.errors import IvrError, nearest
from ivr.flow.project import Project
from ivr.project import disk
from ivr.prompting import hearing, listing, state
from ivr.running import preparing
from ivr.speech import delivery
from ivr.speech.delivery import Kept, Refused
from ivr.speech.sheet import sheet
from ivr.speech.takes import Takes

app = typer.Typer(help="What the hotline says, and in whose voice.", no_args_is_help=True)

Language = Annotated[str | None, typer.Option(help="One of the languages that are spoken.")]


@app.command()
def build(
    keep: Annotated[
        bool, typer.Option("--keep", help="First make takes of what has none, by the voices.")
    ] = False,
) -> None:
    """Build every sound that is missing."""
    settings = screen.settings()
    with screen.told(settings):
        preparing.build(settings, disk.load(settings)[0], keep)


@app.command()
def status(
    every: Annotated[
        bool, typer.Option("--all", help="Name the words of values without a take, too.")
    ] = False,
) -> None:
    """Tell what has no take, what has changed, which voices are mixed, what is not built.

    Exits with 1 when a recording is damaged or a sound is not built.
    """
    settings = screen.settings()
    with screen.told(settings):
        well = state.show(settings, disk.load(settings)[0], every)
    if not well:
        raise typer.Exit(1)


@app.command(name="list")
def list_(
    as_csv: Annotated[
        bool, typer.Option("--csv", help="As a table for a spreadsheet, with all that is known.")
    ] = False,
    language: Language = None,
    every: Annotated[
        bool, typer.Option("--all", help="Also words of values that no prompt says as yet.")
    ] = False,
) -> None:
    """Print the sheet for the recording studio: each clip with its name and its sentence."""
    settings = screen.settings()
    with screen.told(settings):
        project = disk.load(settings)[0]
        takes = Takes.load(settings.takes, settings.root)
        known_language(project, language)
        said = [row for row in sheet(project) if every or row.uses]
        rows = [row for row in said if language in (None, row.clip.language)]
        if as_csv:
            # With a mark at its beginning, without which Excel takes UTF-8 for something else.
            typer.echo(listing.csv_of(rows, takes).encode("utf-8-sig"), nl=False)
        else:
            screen.out.print(listing.table(rows, takes), soft_wrap=False)


@app.command(name="import")
def import_(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The studio's files.")],
    voice: Annotated[str, typer.Option(help="Who speaks.")] = "studio",
    licence: Annotated[
        str, typer.Option(help="Under which terms the recordings may be passed on.")
    ] = "not stated",
) -> None:
    """Take the studio's recordings as takes; each file is named as the sheet names its clip."""
    settings = screen.settings()
    with screen.told(settings):
        if not voice.strip() or not licence.strip():
            raise IvrError("--voice and --licence go into the manifest: they cannot be empty")
        rows = sheet(disk.load(settings)[0])
        takes = Takes.load(settings.takes, settings.root)
        named, refused = delivery.matched(delivery.files(folder), rows)
        with screen.stoppable(), screen.progress("recordings") as step:
            became = delivery.admit(named, rows, takes, voice, licence, step)
    kept = [each for each in became if isinstance(each, Kept)]
    refused += [each for each in became if isinstance(each, Refused)]
    for each in kept:
        if each.warning:
            screen.line(f"{each.file}: {each.warning}")
    for other in sorted(refused, key=lambda other: other.file):
        screen.err.print(f"{other.file}: {other.why}", markup=False)
    screen.line(
        f"{len(kept)} of {len(kept) + len(refused)} kept as takes of the voice '{voice}'; "
        "'ivr prompts build' makes them heard"
        if kept
        else f"none of {len(refused)} kept"
    )
    if refused:
        raise typer.Exit(1)


@app.command()
def play(
    prompt: Annotated[str, typer.Argument(help="Its id in prompts/*.yaml.")],
    language: Language = None,
    speed: Annotated[int, typer.Option(help="In percent.")] = 100,
    given: Annotated[
        list[str] | None, typer.Option(help="A value: amount=123.45. May be repeated.")
    ] = None,
    to: Annotated[Path | None, typer.Option(help="Write it to a WAV file instead.")] = None,
) -> None:
    """Let a prompt be heard as a caller hears it, and tell who says which words."""
    settings = screen.settings()
    with screen.told(settings):
        project = disk.load(settings)[0]
        known_language(project, language)
        wanted = hearing.wanted(project, prompt, language, speed, given or [])
        sound = hearing.compose(settings, wanted, screen.line)
        screen.out.print(sound.told(), soft_wrap=False)
        if to is None:
            hearing.play(sound.wav())
        else:
            to.write_bytes(sound.wav())
            screen.line(f"written to {to}")


def known_language(project: Project, language: str | None) -> None:
    """Raise IvrError for a language that no flow speaks."""
    if language is not None and language not in project.languages:
        known = nearest(language, project.languages) or f"; {', '.join(project.languages)} are"
        raise IvrError(f"'{language}' is not spoken by any flow{known}")
