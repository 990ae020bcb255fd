"""Small flows that simulated calls are played on."""

from __future__ import annotations

from textwrap import dedent

from ivr.flow import source
from ivr.flow.project import Project
from ivr.trial import calls, given, simulation
from ivr.trial.acts import acts
from ivr.trial.calls import Trial
from ivr.trial.given import Given
from ivr.trial.simulation import Played
from tests.stage import load

BALANCE = """
flow: f
languages: [cmn, yue, en]
start: menu
anywhere: {"*": slower, 0: agent}
nodes:
  menu:
    menu: [ask, ask_short]
    keys: {1: find, 2: number, 3: agent}
    otherwise: bye
  find:
    lookup: billing.balance
    using: {number: $caller.number}
    into: account
    found: tell
    missing: number
    failed: agent
  tell: {say: {owed: {amount: $account.balance}}, go: menu}
  number: {collect: hello, digits: 11, into: number, go: menu, otherwise: agent}
  agent: {queue: desk, longest: 60s, answered: bye, unanswered: message}
  message: {record: hello, into: message, go: bye, silent: bye}
  bye: hangup
"""
AFTERWARDS = """
flow: f
languages: [cmn]
start: message
nodes:
  message: {record: hello, confirm: ask, into: message, go: tell, silent: bye}
  tell: {send: hello, sent: offer, failed: bye}
  offer: {callback: desk, promised: bye, declined: bye, impossible: bye}
  bye: hangup
"""
WORLD = 'billing.balance: {"13800138000": {balance: 123.45}}'


def project(flow: str = BALANCE) -> Project:
    """Return a project of one flow."""
    return load(flow)


def world(written: str = WORLD, loaded: Project | None = None) -> Given:
    """Return what is given, read from YAML."""
    tree, problems = source.read("g.yaml", written)
    assert tree is not None and not problems
    found, problems = given.read(tree, loaded or project())
    assert found is not None, "\n".join(map(str, problems))
    return found


def play(*does: str, given: str = WORLD, flow: str = BALANCE) -> Played:
    """Play a call of a caller who does this."""
    loaded = project(flow)
    return simulation.play(loaded, "f", world(given, loaded), acts(does))


def trials(written: str, loaded: Project | None = None) -> list[Trial]:
    """Return the tests of a file that has nothing wrong."""
    found, problems = calls.read("f.test.yaml", dedent(written), loaded or project())
    assert not problems, "\n".join(map(str, problems))
    return found
