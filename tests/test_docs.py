"""The documentation is true: what it shows is read, run and compared."""

from __future__ import annotations

import inspect
import json
import re
import shlex
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent, indent

import pytest
from typer.testing import CliRunner

from ivr import cli, config
from ivr.config import Settings
from ivr.errors import render
from ivr.flow import check, load, project
from ivr.flow.node import KINDS, Header
from ivr.flow.project import Project, Sources
from ivr.flow.record import CallRecord
from ivr.flow.services import Found
from ivr.line.script import ScriptLine
from ivr.switch import desks
from tests.stage import ROOT, Ledger, path, play

AUTHORS = ROOT / "docs" / "authors.md"
OPERATORS = ROOT / "docs" / "operators.md"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
# What runs without a hotline and without a phone.
OFFLINE = ("read", "check", "try")


@dataclass(frozen=True)
class Block:
    """A fenced block: its words after the fence, its text, and where it stands."""

    tag: str
    text: str
    place: str


def blocks(page: Path, tag: str = "") -> list[Block]:
    found = []
    for match in re.finditer(r"^```(\S[^\n]*)\n(.*?)^```$", page.read_text(), re.M | re.S):
        line = page.read_text()[: match.start()].count("\n") + 1
        found.append(Block(match[1], match[2], f"{page.relative_to(ROOT)}:{line}"))
    return [block for block in found if tag in ("", block.tag)]


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def of_authors(*flows: str) -> Project:
    """Return the project that docs/authors.md describes, with these flows in it."""
    files = {f"flows/{n}.yaml": text for n, text in enumerate(flows)}
    files |= {f"flows/{t}.yaml": blocks(AUTHORS, f"yaml {t}")[0].text for t in ("services", "hours")}
    texts = {f"prompts/{n}.yaml": b.text for n, b in enumerate(blocks(AUTHORS, "yaml prompts"))}
    loaded, problems = project.read(Sources(files, texts, {"front_desk"}))
    problems += check.check(loaded)
    assert not problems, render(problems, files | texts)
    return loaded


def test_the_flow_of_the_authors_page_is_right_and_reads_a_balance() -> None:
    loaded = of_authors(*(block.text for block in blocks(AUTHORS, "yaml flow")))
    line = ScriptLine(["2", "*"])
    answer = Found(
        {"balance": config_money("123.45"), "expires": config_date("2026-12-31"), "name": "x"}
    )
    record = play(loaded, line, flow="balance", ledger=Ledger(answer))
    assert path(record) == ["welcome", "find", "tell", "bye"]
    assert (record.language, record.speed) == ("en", "75%")
    assert "one hundred and twenty-three yuan" in line.heard[1]


def config_money(text: str) -> object:
    return __import__("decimal").Decimal(text)


def config_date(text: str) -> object:
    return __import__("datetime").date.fromisoformat(text)


def test_the_mistakes_of_the_authors_page_are_shown_as_they_are() -> None:
    raise NotImplementedError
