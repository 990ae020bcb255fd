"""What the pages of the documentation show, for the tests that hold them to it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ivr.errors import Problem, render
from ivr.flow import check, project
from ivr.flow.project import Project, Sources
from tests.stage import ROOT

README = ROOT / "README.md"
AUTHORS = ROOT / "docs" / "authors.md"
FIRST = ROOT / "docs" / "your-first-flow.md"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


@dataclass(frozen=True)
class Block:
    """A fenced block: what stands after the fence, its text, its place."""

    tag: str
    text: str
    place: str


def blocks(page: Path, tag: str = "") -> list[Block]:
    """Return the blocks of a page that are tagged so, all if no tag is given."""
    text = page.read_text()
    fences = re.finditer(r"^```([^\n`]*)\n(.*?)^```$", text, re.M | re.S)
    every = [
        Block(f[1], f[2], f"{page.relative_to(ROOT)}:{text[: f.start()].count(chr(10)) + 1}")
        for f in fences
    ]
    return [block for block in every if tag in ("", block.tag)]


def one(page: Path, tag: str) -> str:
    (block,) = blocks(page, tag)
    return block.text


def described(flow: str) -> tuple[Project, list[Problem], str]:
    """Return the project docs/authors.md describes, with this flow, and what is wrong with it."""
    flows = {"flows/plans.yaml": flow}
    flows |= {f"flows/{tag}.yaml": one(AUTHORS, f"yaml {tag}") for tag in ("services", "hours")}
    prompts = {"prompts/plans.yaml": one(AUTHORS, "yaml prompts")}
    loaded, problems = project.read(Sources(flows, prompts, {"front_desk"}))
    problems += check.check(loaded)
    return loaded, problems, render(problems, flows | prompts)


def change(folder: Path, diff: str) -> None:
    """Make the change that a block of a diff shows; its lines must stand in the file once.

    One that only adds lines may make the file.
    """
    head, _, body = diff.partition("\n")
    file = folder / head.removeprefix("--- ")
    lines = body.splitlines(keepends=True)
    old = "".join(line[1:] for line in lines if line[0] in " -")
    new = "".join(line[1:] for line in lines if line[0] in " +")
    text = file.read_text() if old or file.exists() else ""
    assert old or not text, f"{file.name} is there already"
    assert not old or text.count(old) == 1, f"{file.name} does not hold once:\n{old}"
    file.write_text(text.replace(old, new) if old else new)
