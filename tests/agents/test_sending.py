"""What an agent is told of a caller whom she sent to a flow."""

import asyncio

import pytest

from ivr.agents import sending
from ivr.flow.caller import Caller
from ivr.flow.secret import Secret
from ivr.flow.services import Missing
from ivr.flow.session import Session
from ivr.line.script import ScriptLine
from ivr.line.world import World, drive
from ivr.wire.agi import Command, LineLost, Reply
from tests.stage import START, Ledger, load

FLOW = """
flow: f
languages: [en]
gives: number
outcomes: [refused]
start: which
nodes:
  which:
    menu: ask
    keys: {1: given, 2: nothing, 3: refused, 4: bye}
    otherwise: refused
  given: {set: {number: "801"}}
  nothing: {say: hello}
  bye: hangup
"""


def ended(*keys: str, caller: str = "13800138000") -> Session:
    """A call that came to its end after these keys; with none it lasts."""
    session = Session(load(FLOW), "f", Caller("1.1-2", caller, "*71"), START)
    if keys:
        world = World(ScriptLine(keys), Ledger(Missing()))
        asyncio.run(drive(session, world, lambda: START))
    else:
        session.begin(START)
    return session


@pytest.mark.parametrize(
    ("key", "says", "done"),
    [
        ("1", "13800138000, f: done (801)", True),
        ("2", "13800138000, f: done", True),
        ("3", "13800138000, f: not done (refused)", False),
        ("4", "13800138000, f: not done (the flow ended the call)", False),
    ],
)
def test_the_end_is_success_and_every_outcome_is_a_failure(key: str, says: str, done: bool) -> None:
    session = ended(key)
    assert (sending.told(session), sending.is_done(session)) == (says, done)


def test_who_hangs_up_is_not_done() -> None:
    session = ended(caller="")
    session.hang_up(START)
    assert sending.told(session) == "your caller, f: not done (the caller hung up in 'which')"


def test_a_secret_is_told_to_nobody() -> None:
    session = ended("1")
    top = session._top
    top.variables["number"] = Secret("801", START, (top.flow, top.node))
    assert sending.told(session) == "13800138000, f: done"


class Wire:
    """Keeps what it is told; a `lost` one has no channel any more."""

    def __init__(self, *, lost: bool = False) -> None:
        self.lost = lost
        self.commands: list[bytes] = []

    async def command(self, command: Command, *, secret: bool = False, dead: bool = False) -> Reply:
        if self.lost:
            raise LineLost("gone")
        self.commands.append(bytes(command))
        return Reply(200, "1", "", None, "")


def test_the_channel_is_told_what_is_done_and_nothing_else() -> None:
    wire, lost = Wire(), Wire(lost=True)
    for key, said in (("3", 0), ("1", 1)):
        session = ended(key)
        asyncio.run(sending.mark(wire, session))
        asyncio.run(sending.mark(lost, session))
        assert len(wire.commands) == said
    assert b"IVR_SENT" in wire.commands[0]
