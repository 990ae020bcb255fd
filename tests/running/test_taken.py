"""Whether a hotline has taken what was decided, asked of a hotline that answers so."""

import contextlib
import os
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict
from pathlib import Path

import pytest

from ivr.config import Settings
from ivr.errors import IvrError
from ivr.flow.history import Standing
from ivr.running import claim, secrets, taken
from ivr.versions.served import Led
from ivr.web.api import Part, Sources, application
from ivr.web.site import serving
from tests.web.doors import rights
from tests.web.test_site import NoCalls


async def well() -> Mapping[str, Part]:
    return {}


@contextlib.asynccontextmanager
async def a_hotline(state: Path, *answers: Led) -> AsyncIterator[Settings]:
    """A hotline that runs, and says these things of itself, the last one again and again."""
    left = list(answers)

    async def versions() -> Mapping[str, object]:
        said = left.pop(0) if len(left) > 1 else left[0]
        return asdict(said) | {"files": "f"}

    known = secrets.load(state, ())
    pages = application(Sources(NoCalls(), well, dict, versions), rights(known))
    with claim.held(state):
        async with serving(pages, port=0) as port:
            note = f'{{"pid": {os.getpid()}, "web": "http://127.0.0.1:{port}", "backend": ""}}'
            (state / claim.RUNNING).write_text(note)
            yield Settings(state_dir=state)


OLD, NEW = Led("aaa", "published"), Led("bbb", "published")
WANTED = Standing(line=("aaa", "bbb"))


async def test_it_is_waited_until_calls_are_led_by_it(tmp_path: Path) -> None:
    async with a_hotline(tmp_path, OLD, OLD, NEW) as settings:
        assert await taken.told(settings, WANTED) == "new calls are led by bbb"


async def test_why_it_is_not_taken_is_told_and_what_is_wrong_with_another_is_not(
    tmp_path: Path,
) -> None:
    other = Led("aaa", "published", trouble="version ccc changes nothing: damaged")
    mute = Led("aaa", "published", trouble="version bbb changes nothing: no sounds")
    async with a_hotline(tmp_path, other, mute) as settings:
        with pytest.raises(IvrError, match="goes on with aaa: version bbb changes nothing"):
            await taken.told(settings, WANTED)


async def test_a_hotline_of_drafts_is_told_to_be_one(tmp_path: Path) -> None:
    async with a_hotline(tmp_path, Led("aaa-draft", "draft")) as settings:
        assert "--watch" in await taken.told(settings, WANTED)


@pytest.mark.parametrize(
    ("then", "said"),
    [
        (Led("bbb-draft", "draft"), "new calls are led by bbb"),
        (
            Led("aaa-draft", "draft", trouble="version bbb changes nothing: no sounds"),
            "calls go on being led by aaa-draft: version bbb changes nothing: no sounds",
        ),
    ],
)
async def test_whether_a_draft_is_taken_is_told(tmp_path: Path, then: Led, said: str) -> None:
    first = Led("aaa-draft", "draft", trouble="version ccc changes nothing: no sounds")
    async with a_hotline(tmp_path, first, then) as settings:
        assert await taken.draft(settings, "bbb") == said


async def test_a_hotline_that_does_not_answer_is_not_said_to_be_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taken, "SECONDS_TO_TAKE", 0.3)
    with claim.held(tmp_path):
        note = f'{{"pid": {os.getpid()}, "web": "http://127.0.0.1:1", "backend": ""}}'
        (tmp_path / claim.RUNNING).write_text(note)
        with pytest.raises(IvrError, match="the hotline here does not answer"):
            await taken.told(Settings(state_dir=tmp_path), WANTED)


async def test_without_a_hotline_it_is_for_the_next_start(tmp_path: Path) -> None:
    assert await taken.told(Settings(state_dir=tmp_path), WANTED) == (
        "no hotline runs here; from the next start calls are led by bbb"
    )
