"""How the prompts are: what lacks a take, what has changed, who is mixed, what is not built."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from ivr import screen
from ivr.config import Settings
from ivr.errors import Problem
from ivr.flow.project import Project
from ivr.flow.speech import Clip
from ivr.project import sounds
from ivr.speech import audit
from ivr.speech.manifest import Take
from ivr.speech.sheet import Row, sheet
from ivr.speech.takes import Takes


def show(settings: Settings, project: Project, every: bool) -> bool:
    """Print it all; `every` names the words of values, too. Return whether callers hear it right.

    That is so when no recording is damaged and every sound is built.
    """
    takes = Takes.load(settings.takes, settings.root)
    known = sheet(project)
    rows = [row for row in known if row.uses]
    with sounds.speakers(settings, takes) as clips:
        form = settings.codecs[0]
        unbuilt = clips.missing([row.clip for row in rows], project.speeds, settings.codecs)

        def voice_of(clip: Clip) -> str | None:
            return clips.voice_of(clip, 100, form)

        mixed = audit.mixed(rows, voice_of)
    changed = audit.changed(known, takes)
    lacking = audit.without_take(rows, takes)
    unsaid = audit.unsaid(known, takes)
    damaged = sorted({*takes.problems, *takes.damaged()})
    _print("Without a take", _lacking(lacking, {each.row for each in changed}, every))
    _print("Changed since it was recorded", _changed(changed))
    _print("Takes that nothing says any more", _unsaid(unsaid, every))
    _print("More than one voice in one prompt", [_mixed(each) for each in mixed])
    _print("Damaged", [_problem(problem) for problem in damaged])
    screen.line(
        f"{len(rows)} texts: {len(rows) - len(lacking)} with a take, {len(lacking)} without; "
        f"{len(changed)} changed, {len(unsaid)} said no more, {len(mixed)} in mixed voices, "
        f"{len(damaged)} damaged; "
        + (f"{len(unbuilt)} not built: ivr prompts build" if unbuilt else "all are built")
    )
    return not damaged and not unbuilt


def _print(title: str, rows: Iterable[Sequence[str]]) -> None:
    listed = list(rows)
    if not listed:
        return
    table = Table(title=title, title_justify="left", box=box.SIMPLE, show_header=False)
    for _ in listed[0]:
        table.add_column(overflow="fold")
    for row in listed:
        table.add_row(*(Text(cell) for cell in row))
    screen.out.print(table, soft_wrap=False)


def _lacking(rows: Iterable[Row], changed: set[Row], every: bool) -> list[tuple[str, ...]]:
    shown = [row for row in rows if row not in changed]
    named: list[tuple[str, ...]] = [
        (row.name, row.clip.text) for row in shown if every or not row.kinds
    ]
    counted = Counter(row.clip.language for row in shown if row.kinds and not every)
    return named + [
        (f"{language}.value", f"{count} words of values; --all names them")
        for language, count in counted.items()
    ]


def _changed(changes: Iterable[audit.Changed]) -> list[tuple[str, ...]]:
    lines: list[tuple[str, ...]] = []
    for each in changes:
        lines.append((each.row.name, "recorded", each.take.clip.text, each.take.voice))
        lines.append(("", "now", each.row.clip.text, ""))
    return lines


def _unsaid(takes: Iterable[Take], every: bool) -> list[tuple[str, ...]]:
    """Name those of persons; those of programs are many where a language is spoken no more."""
    named: list[tuple[str, ...]] = []
    counted: Counter[str] = Counter()
    for take in takes:
        if every or not audit.is_made(take):
            named.append((f"{take.clip.language}.{take.id}", take.clip.text, take.voice))
        else:
            counted[take.clip.language] += 1
    return named + [
        (language, f"{count} by programs: ivr prompts build --keep removes them", "")
        for language, count in counted.items()
    ]


def _mixed(mixed: audit.Mixed) -> tuple[str, ...]:
    voices = "\n".join(f"{count} by {voice}" for voice, count in mixed.voices.items())
    return mixed.language, mixed.prompt, voices, f"{mixed.where.file}:{mixed.where.line}"


def _problem(problem: Problem) -> tuple[str, ...]:
    return f"{problem.where.file}:{problem.where.line}", problem.message
