"""The world of a call: look-ups with patience, and how a driven session ends."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from ivr.errors import IvrError
from ivr.flow.caller import Caller
from ivr.flow.effects import (
    Book,
    Effect,
    Heard,
    Impossible,
    Listen,
    LookUp,
    Play,
    PlayBack,
    Queued,
    Send,
    Waiting,
)
from ivr.flow.services import Failed, Found, Missing
from ivr.flow.session import Session
from ivr.line.ports import Answered
from ivr.line.script import ScriptLine
from ivr.line.world import World, drive
from ivr.wire.agi import LineLost
from tests.stage import START, Clock, Ledger, load, path

# Patience so short that it is over, and so long that a test would fail first; in seconds.
A_MOMENT, FOR_EVER = 0.01, 1000.0

MENU = """
flow: f
languages: [cmn]
start: menu
nodes:
  menu: {menu: ask, keys: {1: find}, otherwise: bye}
  find:
    lookup: billing.balance
    using: {number: $caller.number}
    into: account
    found: tell
    missing: bye
    failed: bye
  tell: {say: {owed: {amount: $account.balance}}, go: bye}
  bye: hangup
"""


class Register(Ledger):
    """A back end that answers when it is told to."""

    def __init__(self) -> None:
        super().__init__(Missing())
        self.keys: list[str] = []
        self.reached, self.called_off = asyncio.Event(), asyncio.Event()
        self.told: asyncio.Future[Answered] = asyncio.get_running_loop().create_future()

    async def look_up(self, name: str, arguments: Mapping[str, str], key: str) -> Answered:
        self.asked.append((name, arguments))
        self.keys.append(key)
        self.reached.set()
        try:
            return await self.told
        except asyncio.CancelledError:
            self.called_off.set()
            raise


class Listener(ScriptLine):
    """A caller who hears everything and, asked for a key, says nothing for ever."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Event()

    async def listen(self, listen: Listen) -> str:
        self.asked.set()
        await asyncio.Event().wait()
        raise AssertionError("nobody ever answers")


class Hoarse(ScriptLine):
    """A line whose sounds were never built."""

    async def play(self, play: Play) -> Heard:
        raise IvrError("the clip has not been built")


@asynccontextmanager
async def nothing_left() -> AsyncIterator[None]:
    """Afterwards no task may be left."""
    before = asyncio.all_tasks()
    yield
    await asyncio.sleep(0)  # a task that was told to end ends in the next turn of the loop
    assert asyncio.all_tasks() == before


def ask(patience: float, *, still: bool = False) -> LookUp:
    return LookUp("billing.balance", {"number": "1"}, patience, still)


def session() -> Session:
    return Session(load(MENU), "f", Caller("c1", "13800138000"), START)


@pytest.mark.parametrize("answer", [Found({}), Missing(), Failed("down")])
async def test_an_answer_within_patience_is_given_as_it_is(answer: Answered) -> None:
    async with nothing_left(), World(ScriptLine(), Ledger(answer)) as world:
        assert await world.perform(ask(FOR_EVER)) == answer


async def test_a_slow_back_end_is_waited_for_and_asked_once() -> None:
    register = Register()
    async with nothing_left(), World(ScriptLine(), register) as world:
        assert await world.perform(ask(A_MOMENT)) == Waiting()
        assert await world.perform(ask(A_MOMENT, still=True)) == Waiting()
        register.told.set_result(Missing())
        assert await world.perform(ask(FOR_EVER, still=True)) == Missing()
        assert len(register.asked) == 1
        assert await world.perform(ask(FOR_EVER)) == Missing()
        assert len(register.asked) == 2


async def test_an_answer_nobody_waited_for_answers_no_later_question() -> None:
    register = Register()
    async with nothing_left(), World(ScriptLine(), register) as world:
        assert await world.perform(ask(A_MOMENT)) == Waiting()
        # A key led the caller away; what she asks next is another question.
        register.told.set_result(Found({"balance": "another's"}))
        register.told = asyncio.get_running_loop().create_future()
        register.told.set_result(Missing())
        assert await world.perform(ask(FOR_EVER)) == Missing()
        assert len(register.asked) == 2


async def test_why_a_look_up_failed_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    register = Register()
    register.told.set_result(Failed("the back end answered 500"))
    async with World(ScriptLine(), register) as world:
        assert await world.perform(ask(FOR_EVER)) == Failed("the back end answered 500")
    assert "failed: the back end answered 500" in caplog.text


async def test_an_answer_that_came_meanwhile_is_there_at_once() -> None:
    register = Register()
    async with World(ScriptLine(), register) as world:
        assert await world.perform(ask(A_MOMENT)) == Waiting()
        register.told.set_result(Found({"balance": "1"}))
        assert await world.perform(ask(0, still=True)) == Found({"balance": "1"})


async def test_a_hang_up_calls_the_look_up_off() -> None:
    register, line = Register(), ScriptLine()
    async with nothing_left():
        async with World(line, register) as world:
            asking = asyncio.create_task(world.perform(ask(FOR_EVER)))
            await register.reached.wait()
            line.gone.set()
            with pytest.raises(LineLost, match="while a back end was asked"):
                await asking
        assert register.called_off.is_set()


async def test_the_end_of_the_call_calls_a_look_up_off() -> None:
    register = Register()
    async with nothing_left():
        async with World(ScriptLine(), register) as world:
            await world.perform(ask(A_MOMENT))
        assert register.called_off.is_set()


async def test_an_answer_is_worth_more_than_a_hang_up_at_the_same_moment() -> None:
    register, line = Register(), ScriptLine()
    register.told.set_result(Missing())
    line.gone.set()
    async with World(line, register) as world:
        assert await world.perform(ask(FOR_EVER)) == Missing()


async def test_what_no_world_knows_is_a_fault_of_ours() -> None:
    class Dance(Effect[None]):
        pass

    async with World(ScriptLine(), Ledger(Missing())) as world:
        with pytest.raises(TypeError, match="no world can perform"):
            await world.perform(Dance())


async def test_a_call_is_led_to_its_end() -> None:
    line, call = ScriptLine(["1"], queued=Queued("unanswered")), session()
    async with nothing_left():
        await drive(call, World(line, Ledger(Missing())), Clock())
    assert path(call.record) == ["menu", "find", "bye"]
    assert call.record.outcome == "finished"
    assert line.reached == ["hangup"]


async def test_cancelling_closes_the_record_and_goes_on_being_cancelled() -> None:
    line, call = Listener(), session()
    async with nothing_left():
        driving = asyncio.create_task(drive(call, World(line, Ledger(Missing())), Clock()))
        await line.asked.wait()
        driving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await driving
    assert call.record.outcome == "abandoned"
    assert call.record.why == "the hotline was shut down in 'menu'"
    assert call.record.path[-1].left is not None


async def test_cancelling_during_a_look_up_calls_it_off() -> None:
    register, call = Register(), session()
    async with nothing_left():
        world = World(ScriptLine(["1"]), register)
        driving = asyncio.create_task(drive(call, world, Clock()))
        await register.reached.wait()
        driving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await driving
        assert register.called_off.is_set()
    assert call.record.why == "the hotline was shut down in 'find'"


async def test_a_hang_up_during_a_look_up_ends_the_call_quietly() -> None:
    register, line, call = Register(), ScriptLine(["1"]), session()
    async with nothing_left():
        driving = asyncio.create_task(drive(call, World(line, register), Clock()))
        await register.reached.wait()
        line.gone.set()
        await driving
    assert register.called_off.is_set()
    assert call.record.why == "the caller hung up in 'find'"


async def test_a_fault_of_the_line_is_raised_after_the_record_is_closed() -> None:
    call = session()
    with pytest.raises(IvrError, match="not been built"):
        await drive(call, World(Hoarse(), Ledger(Missing())), Clock())
    assert call.record.outcome == "failed"
    assert call.record.why == "IvrError: the clip has not been built"


@pytest.mark.parametrize("values", [{}, {"balance": "1e400"}])
async def test_a_fault_of_a_node_is_raised_after_the_record_is_closed(
    values: dict[str, Any],
) -> None:
    call = session()
    with pytest.raises(IvrError, match="cannot be said"):
        await drive(call, World(ScriptLine(["1"]), Ledger(Found(values))), Clock())
    assert call.record.outcome == "failed"
    assert path(call.record) == ["menu", "find", "tell"]
    assert call.ended


async def test_a_back_end_that_breaks_its_promise_fails_the_call() -> None:
    register, call = Register(), session()
    register.told.set_exception(ZeroDivisionError("a bug"))
    async with nothing_left():
        with pytest.raises(ZeroDivisionError):
            await drive(call, World(ScriptLine(["1"]), register), Clock())
    assert call.record.why == "ZeroDivisionError: a bug"


async def test_a_back_end_is_told_the_key_of_a_question() -> None:
    register = Register()
    register.told.set_result(Missing())
    async with World(ScriptLine(), register) as world:
        await world.perform(replace(ask(1.0), key="k1"))
    assert register.keys == ["k1"]


SEND = Send("13800138000", "x", "cmn", FOR_EVER)


async def test_a_message_is_taken_or_is_not() -> None:
    async with World(ScriptLine(), Ledger(Missing())) as world:
        assert await world.perform(SEND) is True
    async with World(ScriptLine(), Ledger(Missing(), Failed("down"))) as world:
        assert await world.perform(SEND) is False


async def test_without_a_diary_nobody_calls_back() -> None:
    async with World(ScriptLine(), Ledger(Missing())) as world:
        assert isinstance(await world.perform(Book("desk", "", "cmn")), Impossible)


async def test_a_message_of_hers_is_played_on_her_line() -> None:
    async with World(ScriptLine(["1"]), Ledger(Missing())) as world:
        assert await world.perform(PlayBack("c1-1.wav")) == "1"
