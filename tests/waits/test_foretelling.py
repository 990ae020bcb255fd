"""What a caller is told of her wait, from a switch as it is to the database."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ivr.desk.agenda import Booking
from ivr.desk.board import Board
from ivr.desk.snapshot import Post, Snapshot
from ivr.desk.tempo import WINDOW, Tempo
from ivr.flow.outlook import Outlook
from ivr.flow.record import Asked
from ivr.past.tellings import Telling
from ivr.store.bookings import Bookings
from ivr.store.calls import Calls
from ivr.store.database import Database
from ivr.store.tellings import Tellings
from ivr.store.waits import Waits
from ivr.switch.desks import Desks
from ivr.waits.foretelling import Foretelling
from tests.desk.test_board import COMPLETE, MEMBER, NOW, PARAMS
from tests.desk.test_lineup import joins
from tests.store.given import NOON, record, url

LATER = NOW + timedelta(seconds=30)
DESKS = Desks.model_validate(
    {
        "desks": {"front_desk": {"members": ["1001"], "relax": {"anyone": 60}}},
        "agents": {"1001": {"name": "Ann", "skills": {"en": 5}}},
    }
)
BOOKING = Booking("1.9", "1", "front_desk", "en", NOW, NOW + timedelta(hours=1), arrived=0)


@dataclass
class Switch:
    """A switch with one agent who is free; who waits is told it."""

    now: datetime = NOW
    line: Board = field(default_factory=lambda: Board(NOW))

    def __post_init__(self) -> None:
        self.hear(PARAMS, {**PARAMS, "Queue": "front_desk+yue"}, MEMBER, COMPLETE)

    def hear(self, *events: dict[str, str]) -> None:
        for event in events:
            self.line.apply(event, self.now)

    def board(self) -> Snapshot:
        return self.line.snapshot(self.now)

    def posts(self) -> tuple[Post, ...]:
        return tuple(self.line.posts(self.now))


@dataclass
class House:
    """All that a foretelling is made of."""

    switch: Switch
    tempo: Tempo
    database: Database
    foretelling: Foretelling

    async def kept(self) -> list[Telling]:
        return await Tellings(self.database).between(NOW, NOW + timedelta(days=1))


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    database = await Database.open(url(tmp_path / "calls.db"))
    switch, tempo = Switch(), Tempo()
    foretelling = Foretelling(
        switch, tempo, lambda: DESKS, Tellings(database), Bookings(database), lambda: switch.now
    )
    yield House(switch, tempo, database, foretelling)
    await database.close()


def minutes(house: House, talked: float) -> None:
    for _ in range(WINDOW):
        house.tempo.learn("front_desk", 0.0, talked)


async def test_place_and_wait_are_told_and_kept(house: House) -> None:
    minutes(house, 240.0)
    house.switch.hear(joins("1.1", "front_desk", 1), joins("1.2", "front_desk", 2))
    async with house.foretelling.keeping(Waits(house.database)):
        assert house.foretelling("front_desk", "1.1") == Outlook(1, 60.0)
        assert house.foretelling("front_desk", "1.2") == Outlook(2, 300.0)
    first, second = await house.kept()
    assert (first.call, first.place, first.told) == ("1.1", 1, 60.0)
    assert (second.call, second.at) == ("1.2", NOW)
    assert second.expected == pytest.approx(248)


async def test_where_nothing_was_measured_only_the_place_is_told(house: House) -> None:
    house.switch.hear(joins("1.1", "front_desk", 1))
    assert house.foretelling("front_desk", "1.1") == Outlook(1, None)


async def test_nothing_is_told_of_whom_the_switch_does_not_have_at_the_desk(house: House) -> None:
    house.switch.hear(joins("1.1", "front_desk", 1))
    assert house.foretelling("front_desk", "1.9") is None
    assert house.foretelling("roaming", "1.1") is None
    house.switch.line.lose(NOW)
    house.switch.now = LATER
    assert house.foretelling("front_desk", "1.1") is None


async def test_it_is_foretold_anew_after_a_moment_and_with_a_word_when_it_is_more(
    house: House,
) -> None:
    minutes(house, 240.0)
    house.switch.hear(joins("1.1", "front_desk", 1))
    assert house.foretelling("front_desk", "1.1") == Outlook(1, 60.0)
    # One who came before her is passed on to this desk.
    house.switch.hear(joins("1.0", "front_desk", 1))
    assert house.foretelling("front_desk", "1.1") == Outlook(1, 60.0)
    house.switch.now = LATER
    assert house.foretelling("front_desk", "1.1") == Outlook(2, 300.0, longer=True)


async def test_at_the_start_old_calls_tell_how_long_conversations_last(house: House) -> None:
    queue = {"what": "queue", "of": "front_desk", "outcome": "answered", "node": "queue"}
    asked = Asked.model_validate(queue | {"from": 0, "to": 50_000, "talked": 40_000})
    await Calls(house.database).write(record("c.1").model_copy(update={"asked": (asked,)}))
    house.switch.now = NOON + timedelta(days=40)
    await house.foretelling.learn(Waits(house.database))
    assert house.tempo.pace("front_desk") is None
    house.switch.now = NOON + timedelta(days=1)
    await house.foretelling.learn(Waits(house.database))
    known = house.tempo.pace("front_desk")
    assert known is not None and (known.known, 40.0 in known.talks) == (1, True)


async def test_who_is_called_back_before_her_counts(house: House) -> None:
    minutes(house, 240.0)
    house.switch.hear(joins("1.1", "front_desk", 1))
    bookings = Bookings(house.database)
    before = replace(BOOKING, arrived=round(NOW.timestamp() * 10) - 600)
    await bookings.keep(before)
    await bookings.keep(replace(before, call="1.8", number="2", arrived=before.arrived + 1200))
    async with house.foretelling.keeping(Waits(house.database)):
        async with asyncio.timeout(5):
            while (outlook := house.foretelling("front_desk", "1.1")) == Outlook(1, 60.0):
                house.switch.now += timedelta(seconds=1)
                await asyncio.sleep(0)
    assert outlook == Outlook(2, 300.0, longer=True)


async def test_a_database_that_is_gone_keeps_nobody_from_being_told(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    await house.database.close()
    await house.foretelling.learn(Waits(house.database))
    minutes(house, 240.0)
    house.switch.hear(joins("1.1", "front_desk", 1))
    async with house.foretelling.keeping(Waits(house.database)):
        assert house.foretelling("front_desk", "1.1") == Outlook(1, 60.0)
    assert "what 1 callers were told of their waits is not kept" in caplog.text
