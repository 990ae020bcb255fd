"""`ivr try`: a call in the terminal, as a caller would meet it."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from ivr import screen
from ivr.commands.check import named
from ivr.errors import FlowError, IvrError
from ivr.flow import source
from ivr.flow.project import Project
from ivr.project import disk
from ivr.trial import given as circumstances
from ivr.trial.given import Given


def rehearse(
    flow: Annotated[str, typer.Argument(help="The flow's name.")] = "hotline",
    language: Annotated[str | None, typer.Option(help="The language it begins in.")] = None,
    caller: Annotated[
        str | None,
        typer.Option(help='The number she calls from, "" for none; 13800138000 unless given.'),
    ] = None,
    now: Annotated[
        str | None, typer.Option(help="When it is, such as 2026-10-01T15:00 or with +08:00.")
    ] = None,
    given: Annotated[
        Path | None, typer.Option(help="A YAML file of what is given: caller, look-ups, agents.")
    ] = None,
    listen: Annotated[bool, typer.Option("--listen", help="Play the sound, too.")] = False,
    keys: Annotated[
        str | None, typer.Option(help='Keys to press, such as "2 1 * 0 hangup"; - is silence.')
    ] = None,
) -> None:
    """Play a call in the terminal; with --keys, a scripted one that prints what is heard."""
    from ivr.rehearsal import Circumstances
    from ivr.rehearsal import rehearse as play

    settings = screen.settings()
    with screen.told(settings):
        loaded = disk.load(settings)[0]
        languages = named(loaded, flow).header.languages
        if language is not None and language not in languages:
            there = ", ".join(languages)
            raise IvrError(f"flow '{flow}' does not speak '{language}'; it speaks {there}")
        if listen and keys is not None:
            raise IvrError("--listen is for a call by the keyboard: leave out --keys")
        around = Circumstances(
            now=None if now is None else moment(now),
            caller=caller,
            language=language,
            given=read_given(given, loaded) if given else Given(),
            listen=listen,
        )
        script = None if keys is None else presses(keys)
        asyncio.run(play(settings, loaded, flow, around, script, screen.line))


def presses(text: str) -> list[str]:
    """Return the words of `--keys`. Raises `IvrError` for one that nobody can press."""
    words = text.split()
    for word in words:
        if not re.fullmatch(r"[0-9*#]+|-|hangup", word):
            raise IvrError(
                f"--keys: keys 0 to 9, * and # are expected, or - for silence, or hangup; "
                f"this is '{word}'"
            )
    return words


def moment(text: str) -> datetime:
    """Return a time, by this machine's clock where it names no zone. Raises `IvrError`."""
    try:
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError):
        example = "a time such as 2026-10-01T15:00 or 2026-10-01T15:00+08:00"
        raise IvrError(f"--now: {example} is expected; this is '{text}'") from None


def read_given(file: Path, project: Project) -> Given:
    """Return what a file gives. Raises `FlowError` with every mistake, OSError for no file."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise IvrError(f"{file} is not UTF-8 text") from None
    tree, problems = source.read(str(file.absolute()), text)
    if tree is None and not problems:
        return Given()
    given = None
    if tree is not None:
        given, found = circumstances.read(tree, project)
        problems += found
    if given is None or problems:
        raise FlowError(problems)
    return given
