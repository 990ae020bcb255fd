"""Announcing: from what was typed to a notice; its sounds are built before anybody hears it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from uuid import uuid4

from ivr import lang
from ivr.announcements.noticeboard import LINGER
from ivr.config import Settings
from ivr.errors import IvrError, nearest
from ivr.flow.fields import LANGUAGE_NAMES, PlaceName
from ivr.flow.node import Flow
from ivr.flow.project import Project
from ivr.flow.record import storable
from ivr.flow.rules.mentions import mentions
from ivr.speech import announced
from ivr.speech.voices import voices
from ivr.store.announcements import Announcements, Notice
from ivr.switch.files import private

# How long it is told what was announced, after its end.
KEPT = timedelta(days=7)
# Characters of one text: about three minutes of speech; nobody listens longer before a menu.
LONGEST = 800


def notice(
    project: Project,
    text: str | None,
    where: Sequence[str],
    texts: Sequence[str],
    sounds: Sequence[str],
    length: str,
    by: str,
    now: datetime,
) -> tuple[Notice, dict[str, Path]]:
    """Return what is to be announced, and the sound file of each language that has one.

    `text` is in the first language of the flow that has the first place; `texts` are like
    `en=The network is down.`, `sounds` like `en=notice.wav`. Raises IvrError for whatever callers
    would not hear, or not understand.
    """
    spoken = languages_at(project, where)
    first = [f"{spoken[0]}={text}"] if text else []
    given = [_language(each, spoken) for each in (*first, *texts, *sounds)]
    if not given:
        raise IvrError("there is nothing to announce: give a text, --language or --sound")
    for number, (language, _) in enumerate(given):
        if language in dict(given[:number]):
            raise IvrError(f"{LANGUAGE_NAMES[language]} ({language}) is given twice")
    recorded = dict(_language(each, spoken) for each in sounds)
    files = {language: Path(file).expanduser() for language, file in recorded.items()}
    said = {
        language: storable(files[language].name) if language in files else _words(language, words)
        for language, words in given
    }
    until, places = now + _length(length), tuple(dict.fromkeys(where))
    folder = uuid4().hex[:12]
    return Notice(places, said, tuple(files), folder, now, until, storable(by)[:100]), files


def languages_at(project: Project, where: Sequence[str]) -> tuple[str, ...]:
    """Return the languages of the flows that have these places, those of the first place first.

    Raises IvrError for a place that no flow has.
    """
    flows = _flows_at(project, where)
    return tuple(dict.fromkeys(str(x) for flow in flows for x in flow.header.languages))


def build(
    settings: Settings,
    project: Project,
    notice: Notice,
    files: Mapping[str, Path],
    progress: Callable[[int, int], None],
    say: Callable[[str], None],
) -> None:
    """Build every sound of a notice; where that fails, nothing of it is left.

    Raises IvrError for what no voice can say, for a file that is no speech, for a full disk.
    """
    private(settings.state)
    private(settings.announcements)
    folder = settings.announcements / notice.folder
    recorded = {clip: files[clip.language] for clip in notice.clips if clip.language in files}
    order: dict[str, tuple[str, ...]] = dict(settings.voices.items())
    made = voices(chain.from_iterable(order.values()), settings.voice_command)
    try:
        spoken = [clip for clip in notice.clips if clip not in recorded]
        announced.make(
            folder, spoken, recorded, order, made, project.speeds, settings.codecs, progress, say
        )
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    finally:
        for voice in made.values():
            voice.close()


def mend(settings: Settings, project: Project, say: Callable[[str], None]) -> None:
    """Build what announcements lack since a codec or a speed was added; `say` what cannot be."""
    for folder in settings.announcements.glob("*/"):
        try:
            announced.mend(folder, project.speeds, settings.codecs)
        except IvrError as fault:
            # No reason to keep a hotline from starting: the controller passes over what it lacks.
            say(f"an announcement in {folder}: {fault}")


async def keep(
    settings: Settings, store: Announcements, notice: Notice, say: Callable[[str], None]
) -> int:
    """Let calls hear a notice that is built, for as long as was said; return its number.

    What ended long ago goes: its sounds after an hour, its row after a week; `say` what cannot.
    Raises StoreError where nobody will hear the notice.
    """
    now = datetime.now(UTC)
    try:
        until = now + (notice.until - notice.since)
        number = await store.add(replace(notice, since=now, until=until))
    except BaseException:
        shutil.rmtree(settings.announcements / notice.folder, ignore_errors=True)
        raise
    try:
        await _clear(settings, store, now)
    except (IvrError, OSError) as fault:
        say(f"announcements of long ago are still there: {fault}")
    return number


async def _clear(settings: Settings, store: Announcements, now: datetime) -> None:
    await store.forget(now, KEPT)
    wanted = {other.folder for other in await store.since(now - LINGER)}
    for folder in settings.announcements.glob("*/"):
        # One that is being built beside this one has no row as yet.
        if folder.name not in wanted and time.time() - folder.stat().st_mtime > 3600:
            shutil.rmtree(folder, ignore_errors=True)


def _flows_at(project: Project, where: Iterable[str]) -> list[Flow]:
    """Return the flows that have these places, those of the first place first."""
    places: dict[str, dict[str, Flow]] = {}
    for flow, _, _, _, word in mentions(project):
        if isinstance(word, PlaceName):
            places.setdefault(word, {})[flow.name] = flow
    for place in where:
        if not places:
            raise IvrError("no flow has a node of the kind 'announcements': nobody would hear it")
        if place not in places:
            known = ", ".join(places)
            guess = nearest(place, places)
            raise IvrError(f"no flow announces anything at '{place}'{guess}; the places: {known}")
    return [flow for place in where for flow in places[place].values()]


def _language(given: str, spoken: Sequence[str]) -> tuple[str, str]:
    """Read `en=words` or `en=FILE`."""
    language, equals, rest = given.partition("=")
    if not equals or not rest.strip():
        raise IvrError(f"'{given[:40]}': a language and what is said in it, such as en=Hello.")
    if language not in spoken:
        known = ", ".join(spoken)
        raise IvrError(
            f"'{language}' is not spoken there{nearest(language, spoken)}; the languages: {known}"
        )
    return language, rest


def _words(language: str, text: str) -> str:
    """Return a text on one line; what its language cannot be written in is told."""
    words = " ".join(text.split())
    if len(words) > LONGEST:
        raise IvrError(f"{len(words)} characters are too long to listen to: at most {LONGEST}")
    if set("{}") & set(words):
        raise IvrError("an announcement has no values: take the braces out")
    if not words.isprintable():
        raise IvrError("there is a character in it that nobody can say or show")
    if not any(map(str.isalnum, words)):
        raise IvrError(f"'{words[:40]}' has no words in it")
    is_chinese = any("\u3400" <= char <= "\u9fff" for char in words)
    if is_chinese != (not lang.LANGUAGES[language].space):
        other = "cmn=… or yue=…" if is_chinese else "en=…"
        spoken = LANGUAGE_NAMES[language]
        raise IvrError(f"'{words[:40]}' is not {spoken}; write --language {other}")
    return words


def _length(text: str) -> timedelta:
    try:
        length = lang.parse("duration", text)
    except ValueError as fault:
        raise IvrError(f"--for: {fault}") from None
    if not isinstance(length, timedelta) or not length:
        raise IvrError(f"--for {text} is over before anybody hears it")
    return length
