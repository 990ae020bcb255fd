"""The pace of a desk: who waits there, who is there, and how long a call takes."""

from datetime import UTC, datetime, timedelta

import pytest

from ivr.callbacks.paces import ENOUGH, Paces
from ivr.desk.agenda import Booking, Rule
from ivr.desk.snapshot import Agent, AgentState, Caller, Queue, Snapshot
from ivr.desk.workload import USUAL, Pace
from ivr.flow.hours import Hours
from ivr.flow.record import Asked
from ivr.store.bookings import Bookings
from ivr.store.calls import Calls
from ivr.store.database import Database, StoreError
from ivr.store.waits import Waits
from ivr.switch.desk_files import parse
from tests.records.given import a_record

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
ALWAYS = Rule(Hours.model_validate({"open": "24/7"}))
NEVER = Rule(Hours.model_validate({"open": "off"}))
DESKS = "desks: {desk: {members: [1001, 1002, 1003], wrap_up: 10s}, other: {members: [1001]}}"
AGENTS = "agents: {1001: {name: Ann}, 1002: {name: Bo}, 1003: {name: Cy}}"


def agent(number: str, state: AgentState, *queues: str) -> Agent:
    return Agent(number, f"PJSIP/{number}", number, queues, state)


def paces(database: Database, *agents: Agent, waiting: int = 0, pending: int = 0) -> Paces:
    callers = tuple(Caller(str(n), "", "", n + 1, NOON) for n in range(waiting))
    board = Snapshot(None, (Queue("desk+yue", callers, (), 0, 0),), agents)
    desks, _ = parse(("desks.yaml", DESKS), ("agents.yaml", AGENTS))
    assert desks is not None
    found = desks
    waits = Waits(database)
    return Paces(lambda: board, Bookings(database), waits, lambda: found, lambda: pending)


async def talked(database: Database, number: int, at: datetime, by: str) -> None:
    asked = Asked(
        what="queue",
        of="desk",
        outcome="answered",
        by=by,
        from_ms=0,
        to_ms=120_000,
        talked_ms=100_000,
        node="a",
    )
    record = a_record(
        f"c{number}",
        at,
        caller="138",
        flow="f",
        version="1",
        ended=at,
        outcome="answered",
        asked=(asked,),
    )
    await Calls(database).write(record)


async def test_all_count_who_came_before_her_live_or_booked(database: Database) -> None:
    booking = Booking("c1", "138", "desk", "cmn", NOON, NOON + timedelta(hours=1), 1)
    await Bookings(database).keep(booking)
    found = await paces(database, waiting=2).of("desk", ALWAYS, NOON)
    assert found == Pace(3, 3, USUAL)
    assert (await paces(database, waiting=2).of("other", ALWAYS, NOON)).ahead == 0


async def test_agents_are_those_who_are_there(database: Database) -> None:
    there = [
        agent("1001", AgentState.TALKING, "desk", "desk+yue"),
        agent("1002", AgentState.PAUSED, "desk"),
        agent("1003", AgentState.LOGGED_OUT, "desk"),
        agent("1004", AgentState.FREE, "other"),
    ]
    assert (await paces(database, *there).of("desk", ALWAYS, NOON)).agents == 1
    assert (await paces(database, *there).of("desk", NEVER, NOON)).agents == 3


async def test_of_a_closed_desk_those_count_who_were_there_last(database: Database) -> None:
    for number in range(ENOUGH):
        at = NOON - timedelta(days=1 if number else 3)
        await talked(database, number, at, "1003" if not number else f"100{1 + number % 2}")
    found = await paces(database).of("desk", NEVER, NOON)
    assert (found.agents, found.handling) == (2, timedelta(seconds=110))


async def test_while_the_database_is_away_what_it_said_last_and_what_waits_for_it_count(
    database: Database,
) -> None:
    mine = paces(database, agent("1001", AgentState.FREE, "desk"), pending=3)
    with pytest.raises(StoreError):
        closed = await Database.open("sqlite+aiosqlite://")
        await closed.close()
        await paces(closed).of("desk", ALWAYS, NOON)
    before = await mine.of("desk", ALWAYS, NOON)
    assert before.ahead == 3
    await database.close()
    assert await mine.of("desk", ALWAYS, NOON) == before
