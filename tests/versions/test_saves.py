"""Saves while a hotline runs: the right ones are handed over, the others are told."""

import asyncio
import contextlib
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ivr.config import Settings
from ivr.errors import FlowError, IvrError
from ivr.flow.project import Project
from ivr.meanwhile import meanwhile
from ivr.project import disk
from ivr.versions.drafts import FILE
from ivr.versions.saves import Desk, Saves
from tests.stage import ROOT
from tests.until import until


class Author:
    """Who writes a copy of the shipped flows, and what she is shown."""

    def __init__(self, folder: Path) -> None:
        shutil.copytree(ROOT / "flows", folder / "flows")
        self.flow = folder / "flows/hotline.yaml"
        self.draft = folder / FILE
        self.settings = Settings(root=ROOT, flows=folder / "flows", state_dir=folder)
        self.lines: list[str] = []
        self.faults: list[Exception] = []
        self.disk_is_full = self.is_faulty = False

    def build(self, project: Project) -> None:
        if self.disk_is_full:
            raise IvrError("the disk is full")
        if self.is_faulty:
            raise KeyError("a fault of ours")

    async def taken(self, version: str) -> str:
        return f"led by {version}"

    @contextlib.asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Watch her files while the block runs; what is there at first leads the calls."""
        version = disk.whole(self.settings).project.version
        desk = Desk(self.lines.append, self.faults.append, self.build, self.taken)
        async with meanwhile(Saves(self.settings, version, desk).watch(), "her files"):
            yield

    def change(self, old: str, new: str) -> str:
        """Save the flow with something changed; return its text."""
        text = self.flow.read_text()
        assert old in text
        self.flow.write_text(text.replace(old, new, 1))
        return self.flow.read_text()

    def handed_over(self) -> str:
        """Return the flow that was handed over last, "" before the first."""
        if not self.draft.exists():
            return ""
        flows: dict[str, str] = json.loads(self.draft.read_text())["flows"]
        return next(text for name, text in flows.items() if name.endswith("hotline.yaml"))


@pytest.fixture
async def author(tmp_path: Path) -> AsyncIterator[Author]:
    author = Author(tmp_path)
    async with author.watched():
        yield author


async def test_a_save_that_is_right_is_handed_over_and_told(author: Author) -> None:
    saved = author.change("longest: 60s", "longest: 50s")
    await until(lambda: bool(author.lines))
    assert author.handed_over() == saved
    assert "led by " in author.lines[0]
    assert author.faults == []


async def test_a_save_that_is_wrong_changes_nothing_and_shows_every_mistake(
    author: Author,
) -> None:
    author.change("go: menu", "go: mneu")
    await until(lambda: bool(author.lines))
    (fault,) = author.faults
    assert isinstance(fault, FlowError) and "did you mean 'menu'?" in str(fault)
    assert "nothing changes" in author.lines[0]
    assert author.handed_over() == ""
    author.change("go: mneu", "go: menu")
    await until(lambda: len(author.lines) == 2)
    assert "right again" in author.lines[1]
    assert author.handed_over() == ""


async def test_a_save_whose_sounds_cannot_be_built_changes_nothing(author: Author) -> None:
    author.disk_is_full = True
    author.change("longest: 60s", "longest: 50s")
    await until(lambda: bool(author.lines))
    assert [str(fault) for fault in author.faults] == ["the disk is full"]
    assert author.handed_over() == ""


async def test_what_an_editor_does_on_the_way_does_no_harm(author: Author) -> None:
    whole = author.flow.read_text().replace("longest: 60s", "longest: 50s")
    for length in range(0, len(whole), len(whole) // 8):  # a slow writer, for 0.8 s
        author.flow.write_text(whole[:length])
        await asyncio.sleep(0.1)
        assert author.handed_over() == ""
    aside = author.flow.with_suffix(".new")
    aside.write_text(whole)
    author.flow.unlink()
    aside.rename(author.flow)
    await until(lambda: author.handed_over() == whole)


async def test_a_new_file_with_bytes_that_are_no_text_is_told(author: Author) -> None:
    author.flow.with_name("other.yaml").write_bytes(b"\xff\xfe\x00")
    await until(lambda: bool(author.lines))
    assert "not UTF-8" in str(author.faults[0])
    author.flow.with_name("other.yaml").unlink()
    await until(lambda: len(author.lines) == 2)


async def test_a_fault_of_ours_is_shown_and_the_next_save_is_taken(author: Author) -> None:
    author.is_faulty = True
    author.change("longest: 60s", "longest: 50s")
    await until(lambda: bool(author.lines))
    assert [type(fault) for fault in author.faults] == [KeyError]
    author.is_faulty = False
    saved = author.change("longest: 50s", "longest: 40s")
    await until(lambda: author.handed_over() == saved)
