"""The commands that the documentation shows say what it shows, and its links lead somewhere."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ivr import cli
from ivr.flow.speech import Clip
from ivr.speech.voices import Espeak
from tests.pages import AUTHORS, FIRST, PAGES, README, blocks, change, one
from tests.stage import ROOT

RECORDING = ROOT / "docs" / "recording.md"
# What runs without a hotline and without a phone.
OFFLINE = ("check", "draw", "read", "test", "try")


def commands(text: str) -> Iterator[tuple[list[str], str]]:
    """Return each offline `ivr …` of a console block, with the output shown below it."""
    for part in re.split(r"^\$ ", text, flags=re.M)[1:]:
        line, _, shown = part.partition("\n")
        words = shlex.split(line.removeprefix(".venv/bin/"))
        if words[0] == "ivr" and words[1] in OFFLINE:
            yield words[1:], shown


def no_version(text: str) -> str:  # it changes with every word of every prompt
    return no_seconds(re.sub(r"version [0-9a-f]{10}", "version …", text))


def no_seconds(text: str) -> str:  # they are the machine's
    return re.sub(r"in [0-9.]+ s\n", "in … s\n", text)


@pytest.mark.parametrize("page", [README, AUTHORS, FIRST], ids=lambda page: page.name)
def test_commands_say_what_is_shown(page: Path, checkout: Path) -> None:
    ran = 0
    for block in blocks(page):
        if block.tag == "diff":
            change(checkout, block.text)
        elif block.tag == "console":
            for words, shown in commands(block.text):
                said = CliRunner().invoke(cli.app, words)
                fails = shown.endswith("to mend\n")
                assert said.exit_code == fails, f"{block.place}: {words}: {said.output}"
                assert no_version(said.output) == no_version(shown), f"{block.place}: {words}"
                ran += 1
    assert ran >= 3


@pytest.fixture
def studio(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout without recordings, beside a folder that a studio has sent."""
    monkeypatch.chdir(checkout)
    monkeypatch.setenv("IVR_VOICES", json.dumps({"cmn": ["recorded", "espeak"]}))
    (checkout / "from-studio").mkdir()
    for name, text in (("welcome.1", "欢迎致电"), ("welcome.2", "请按一"), ("welcom.2", "请按一")):
        Espeak().speak(Clip(text, "cmn"), checkout / "from-studio" / f"cmn.{name}.wav")
    return checkout


def test_what_is_shown_to_who_records_is_what_is_said(studio: Path) -> None:
    def alike(text: str) -> list[str]:
        """Leave out spaces, lengths, which are the recording's, and what a bar shows instead."""
        without_bar = re.sub(r"^\w+: \d+ of \d+$", "", text, flags=re.M)
        return re.sub(r"\d+\.\d+", "…", without_bar).split()

    ran = 0
    for block in blocks(RECORDING, "console"):
        for part in re.split(r"^\$ ", block.text, flags=re.M)[1:]:
            line, _, shown = part.partition("\n")
            said = CliRunner().invoke(cli.app, shlex.split(line)[1:])
            assert alike(said.output) == alike(shown), f"{block.place}: {line}"
            ran += 1
    assert ran == 2


def typed(page: Path) -> Iterator[list[str]]:
    """Yield the words of each `ivr …` that a page shows as a command, whoever runs it."""
    for block in blocks(page, "console"):
        for line in re.split(r"\n|&&", block.text.replace("\\\n", " ")):
            if command := re.match(r"\s*(?:\$ )?(?:sudo -u ivr )?(?:\.venv/bin/)?ivr (.*)", line):
                yield shlex.split(re.split(r" [>|] ", command[1])[0], comments=True)


def test_every_command_shown_can_be_typed(checkout: Path) -> None:
    shown = [(page, words) for page in PAGES for words in typed(page)]
    assert len(shown) >= 90
    for page, words in shown:
        # Every word is read, and no command runs that is asked for its help.
        said = CliRunner().invoke(cli.app, [*words, "--help"])
        assert said.exit_code == 0, f"{page.name}: {words}: {said.output}"


def test_the_rows_and_columns_shown_to_who_records_are_those_of_the_sheet(studio: Path) -> None:
    printed = CliRunner().invoke(cli.app, ["prompts", "list", "--csv", "--language", "yue"]).stdout
    head, *rows = no_line(printed.lstrip("\ufeff")).splitlines()
    for line in no_line(one(RECORDING, "csv")).splitlines():
        assert line in rows
    section = RECORDING.read_text().partition("| column |")[2].partition("\n\n")[0]
    shown = [
        name for first in re.findall(r"^\|([^|]+)\|", section, re.M) for name in _ticked(first)
    ]
    assert shown == head.split(",")


def no_line(text: str) -> str:  # it changes with every prompt before it
    return re.sub(r"\.yaml:\d+", ".yaml:…", text)


def _ticked(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    prose = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.M | re.S)
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        if target.startswith(("http://", "https://")):
            continue
        file, _, heading = target.partition("#")
        there = (page.parent / file).resolve() if file else page
        assert there.exists(), f"{page.name} links to {target}"
        assert not heading or heading in headings(there), f"{page.name} links to {target}"


def headings(page: Path) -> set[str]:
    """Return the anchors that GitHub gives the headings of a page."""
    found = re.findall(r"^#+ (.+)$", page.read_text(), re.M)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in found}
