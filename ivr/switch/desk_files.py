"""desks.yaml and agents.yaml read: the desks, or every mistake with its place."""

from __future__ import annotations

from pathlib import Path

from ivr.errors import FlowError, Problem, Where
from ivr.flow.fitting import fit
from ivr.flow.source import Tree, read
from ivr.switch import checks
from ivr.switch.agents import Agent, AgentNumber, Part
from ivr.switch.desks import Desk, DeskName, Desks


class _DesksFile(Part):
    desks: dict[DeskName, Desk]


class _AgentsFile(Part):
    agents: dict[AgentNumber, Agent]


File = tuple[str, str]
"""What messages call a file, and its text."""


def load(desks: Path, agents: Path) -> Desks:
    """Read both files. Raises FlowError with every mistake in them, each with its place."""
    found, problems = parse(_text(desks), _text(agents))
    if found is None:
        raise FlowError(problems)
    return found


def _text(path: Path) -> File:
    try:
        return str(path), path.read_text(encoding="utf-8")
    except OSError as error:
        raise FlowError([Problem(Where(str(path)), f"{error.strerror}", "unreadable")]) from error
    except UnicodeDecodeError as error:
        raise FlowError([Problem(Where(str(path)), "not UTF-8 text", "unreadable")]) from error


def parse(desks: File, agents: File) -> tuple[Desks | None, list[Problem]]:
    """Return what both files describe, None if anything is wrong, and every problem."""
    tree, problems = _read(desks, "no desks")
    others, wrong = _read(agents, "no agents")
    problems += wrong
    if tree is None or others is None:
        return None, problems
    asked, misfits = fit(tree, _DesksFile, "desks.yaml")
    known, wrong = fit(others, _AgentsFile, "agents.yaml")
    problems += misfits + wrong
    if asked is None or known is None:
        return None, problems
    found = Desks(desks=asked.desks, agents=known.agents)
    problems += checks.within(tree, found)
    return (None if problems else found), problems


def _read(file: File, nothing: str) -> tuple[Tree | None, list[Problem]]:
    tree, problems = read(*file)
    if tree is None and not problems:
        problems = [Problem(Where(file[0]), nothing, "empty")]
    return tree, problems
