"""Promised calls back are dialled once, wherever a controller dies, and however many there are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ivr.callbacks.dialler import OVER, Dialler
from ivr.desk.agenda import Booking, Outcome, Rule, State
from ivr.desk.faults import AmiLost
from ivr.desk.spool import Spool
from ivr.desk.witness import Seen
from ivr.flow.hours import Hours
from ivr.store.attempts import Attempts
from ivr.store.bookings import Bookings
from ivr.store.database import Database

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
OURS = "0123abcd"
NUMBER = "13800138000"
RULE = Rule(Hours.model_validate({"open": "24/7"}), attempts=2, pause=timedelta(minutes=5))
STEPS = ("claimed", "sent", "rung", "told", "ended")


class Killed(BaseException):
    """The controller is no more."""


@dataclass
class Switch:
    """A switch as far as calls back go: it takes call files, asks for numbers, and marks."""

    spool: Path
    hour: datetime = NOON
    since: datetime = NOON - timedelta(days=1)
    is_reached: bool = True
    asked: int = 0
    going_on: set[str] = field(default_factory=set)
    marks: dict[str, str] = field(default_factory=dict)
    dialled: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    came: dict[str, str] = field(default_factory=dict)

    @property
    def files(self) -> list[Path]:
        return sorted((self.spool / "outgoing").iterdir())

    async def see(self, token: str) -> Seen:
        self.asked += 1
        if not self.is_reached:
            raise AmiLost("the link is lost")
        return Seen(token in self.going_on, self.marks.get(token, ""), self.since)

    async def answered(self, dialler: Dialler, comes: str, *, is_told: bool = True) -> None:
        """An agent answers each who stands in; of a call that is dialled, `comes` is what comes."""
        for file in self.files:
            token = file.stem
            self.going_on.add(token)
            try:
                if token not in self.marks and (number := await dialler.ring(token)):
                    self._dial(token, number, comes)
                    if is_told:
                        await dialler.over(token, comes)
                        del self.marks[token]
            except Killed:
                pass  # the dialplan goes on without a number
            self.going_on.discard(token)
            file.unlink()

    async def goes_down(self, dialler: Dialler, *, loses_marks: bool) -> None:
        """It is killed while the phone of each who stands in rings, and started again."""
        for file in self.files:
            if file.stem not in self.marks and (number := await dialler.ring(file.stem)):
                self._dial(file.stem, number, "RINGING")
                if loses_marks:
                    del self.marks[file.stem]
        self.since = self.hour

    def _dial(self, token: str, number: str, comes: str) -> None:
        self.marks[token] = self.came[token] = comes
        self.tokens.append(token)
        self.dialled.append(number)


class Desk:
    """A desk whose promises are kept by one controller after the other."""

    def __init__(self, folder: Path, database: Database) -> None:
        (folder / "outgoing").mkdir(exist_ok=True)
        self.folder = folder
        self.book, self.attempts = Bookings(database), Attempts(database)
        self.switch = Switch(folder)
        self.rule = RULE
        self.room = 10

    def controller(
        self, dies_at: str = "", ours: str = OURS, database: Database | None = None
    ) -> Dialler:
        async def between(step: str) -> None:
            if step == dies_at:
                raise Killed

        return Dialler(
            Bookings(database) if database else self.book,
            Attempts(database) if database else self.attempts,
            Spool(self.folder),
            self.switch,
            lambda: {"desk": self.rule},
            lambda: {"desk": self.room},
            ours,
            lambda: self.switch.hour,
            between,
        )

    async def booked(self, call: str = "c1", number: str = NUMBER) -> Booking:
        made = Booking(call, number, "desk", "yue", NOON, NOON + timedelta(hours=1), 17954208000)
        return await self.book.keep(made)

    async def live(self, dialler: Dialler, comes: str, minutes: int = 1) -> None:
        """Let so much time go by with this controller."""
        for _ in range(minutes * 4):
            await dialler.look()
            await self.switch.answered(dialler, comes)
            self.switch.hour += timedelta(seconds=15)

    async def state(self, booking: Booking) -> tuple[State, int]:
        found = await self.book.find(booking.id)
        assert found is not None
        return found.state, found.attempts


@pytest.fixture
async def databases(tmp_path: Path) -> AsyncIterator[Callable[[], Awaitable[Database]]]:
    opened: list[Database] = []

    async def another() -> Database:
        opened.append(await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'calls.db'}"))
        return opened[-1]

    yield another
    for database in opened:
        await database.close()


@pytest.fixture
async def desk(tmp_path: Path, databases: Callable[[], Awaitable[Database]]) -> Desk:
    return Desk(tmp_path, await databases())


async def test_who_was_promised_it_is_dialled_once_and_it_is_kept(desk: Desk) -> None:
    booking = await desk.booked()
    await desk.live(desk.controller(), "ANSWER-16", minutes=10)
    assert desk.switch.dialled == [NUMBER]
    assert await desk.state(booking) == (State.KEPT, 1)


async def test_who_still_speaks_with_us_is_dialled_when_she_has_hung_up(desk: Desk) -> None:
    await desk.booked()
    dialler, calls = desk.controller(), {"c1"}
    dialler.is_talking = calls.__contains__
    await desk.live(dialler, "ANSWER-16", minutes=5)
    assert desk.switch.dialled == []
    calls.clear()
    await desk.live(dialler, "ANSWER-16")
    assert desk.switch.dialled == [NUMBER]


async def test_a_promise_is_kept_when_it_rings_in_time_however_long_they_talk(desk: Desk) -> None:
    booking = await desk.booked()
    dialler = desk.controller()
    desk.switch.hour = booking.promised - timedelta(minutes=1)
    await dialler.look()
    (file,) = desk.switch.files
    assert await dialler.ring(file.stem) == NUMBER
    desk.switch.hour += timedelta(minutes=20)
    await dialler.over(file.stem, "ANSWER")
    assert await desk.state(booking) == (State.KEPT, 1)


async def test_who_is_busy_is_tried_again_after_the_pause_and_not_for_ever(desk: Desk) -> None:
    booking = await desk.booked()
    await desk.live(desk.controller(), "BUSY-17", minutes=4)
    assert (desk.switch.dialled, await desk.state(booking)) == ([NUMBER], (State.OPEN, 1))
    await desk.live(desk.controller(), "BUSY-17", minutes=20)
    assert (len(desk.switch.dialled), await desk.state(booking)) == (2, (State.BROKEN, 2))


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("comes", ["ANSWER-16", "BUSY-17", "NOANSWER-0"])
async def test_wherever_it_is_killed_each_attempt_dials_once(
    desk: Desk, step: str, comes: str
) -> None:
    booking = await desk.booked()
    with suppress(Killed):
        await desk.live(desk.controller(dies_at=step), comes)
    await desk.live(desk.controller(), comes, minutes=20)
    attempts = 1 if comes == "ANSWER-16" else 2
    assert desk.switch.dialled == [NUMBER] * attempts
    state = State.KEPT if attempts == 1 else State.BROKEN
    assert await desk.state(booking) == (state, attempts)
    assert (desk.switch.files, await desk.attempts.under_way()) == ([], [])


async def test_a_controller_that_dies_while_they_talk_finds_it_kept(desk: Desk) -> None:
    booking = await desk.booked()
    await desk.controller().look()
    (file,) = desk.switch.files
    desk.switch.going_on.add(file.stem)
    assert await desk.controller().ring(file.stem) == NUMBER
    desk.switch.marks[file.stem] = "ANSWER"
    desk.switch.hour += timedelta(minutes=5)
    await desk.controller().look()
    assert await desk.state(booking) == (State.DIALLING, 1)
    desk.switch.going_on.clear()
    file.unlink()
    await desk.controller().look()
    assert await desk.state(booking) == (State.KEPT, 1)
    assert await desk.controller().ring(file.stem) == ""


async def test_of_a_switch_that_went_down_while_it_rang_nothing_is_known(desk: Desk) -> None:
    booking = await desk.booked()
    await desk.controller().look()
    (file,) = desk.switch.files
    assert await desk.controller().ring(file.stem) == NUMBER
    # It was started again, has lost the mark, and holds the file, whose call it would make anew.
    desk.switch.hour += timedelta(minutes=1)
    desk.switch.since = desk.switch.hour
    desk.switch.hour += timedelta(minutes=1)
    await desk.controller().look()
    assert (desk.switch.files, await desk.state(booking)) == ([], (State.OPEN, 1))
    (attempt,) = await desk.attempts.of(booking.id)
    assert attempt.outcome is Outcome.UNKNOWN
    await desk.live(desk.controller(), "ANSWER-16", minutes=10)
    assert await desk.state(booking) == (State.KEPT, 2)


async def test_while_the_switch_is_not_reached_nothing_is_decided(desk: Desk) -> None:
    booking = await desk.booked()
    await desk.controller().look()
    desk.switch.hour += timedelta(minutes=1)
    desk.switch.is_reached = False
    await desk.controller().look()
    assert (len(desk.switch.files), await desk.state(booking)) == (1, (State.DIALLING, 1))


async def test_the_switch_is_not_asked_all_the_time_of_who_stands_in(desk: Desk) -> None:
    await desk.booked()
    dialler = desk.controller()
    await dialler.look()
    desk.switch.going_on.add(desk.switch.files[0].stem)
    for _ in range(60):
        desk.switch.hour += timedelta(seconds=1)
        await dialler.look()
    assert desk.switch.asked == 4


async def test_two_controllers_make_each_call_once(
    desk: Desk, databases: Callable[[], Awaitable[Database]]
) -> None:
    for n in range(12):
        await desk.booked(f"c{n}", f"1380013800{n}")
    desk.room = 12
    both = [desk.controller(database=await databases()) for _ in range(2)]
    for _ in range(3):
        await asyncio.gather(*(each.look() for each in both))
        desk.switch.hour += timedelta(seconds=2)
    assert len(desk.switch.files) == 12
    # Asked for the number twice at once, one hears it.
    token = desk.switch.files[0].stem
    told = await asyncio.gather(*(each.ring(token) for each in both))
    assert sorted(map(bool, told)) == [False, True]


async def test_what_a_controller_elsewhere_has_begun_is_left_until_it_is_certainly_over(
    desk: Desk,
) -> None:
    booking = await desk.booked()
    await desk.controller(ours="ffffffff").look()
    desk.switch.files[0].unlink()
    desk.switch.hour += timedelta(minutes=10)
    await desk.controller().look()
    assert await desk.state(booking) == (State.DIALLING, 1)
    desk.switch.hour += OVER
    await desk.controller().look()
    assert await desk.state(booking) == (State.OPEN, 0)


async def test_who_gets_no_agent_has_used_up_nothing_and_waits_again(desk: Desk) -> None:
    booking = await desk.booked()
    await desk.controller().look()
    (file,) = desk.switch.files
    await desk.controller().unanswered(file.stem)
    assert await desk.state(booking) == (State.OPEN, 0)
    # Should the switch still find an agent, nobody is dialled.
    assert await desk.controller().ring(file.stem) == ""


async def test_nobody_is_dialled_outside_hours_or_at_no_number(desk: Desk) -> None:
    await desk.booked()
    wrong = await desk.booked("c2", "sip:evil@example.com")
    await desk.controller().look()
    (file,) = desk.switch.files
    assert (await desk.state(wrong))[0] is State.OPEN
    closed = Hours.model_validate({"open": "Su 09:00-09:01"})
    desk.rule = replace(RULE, hours=closed)
    assert await desk.controller().ring(file.stem) == ""


async def test_nobody_stands_in_beyond_the_hours_of_a_desk(desk: Desk) -> None:
    await desk.booked()
    # 12:00 UTC is 20:00 in Shanghai.
    desk.rule = replace(RULE, hours=Hours.model_validate({"open": "09:00-20:07"}))
    await desk.controller().look()
    assert "Setvar: IVR_LONGEST=420" in desk.switch.files[0].read_text()


async def test_while_there_is_no_line_no_agent_is_asked(desk: Desk) -> None:
    await desk.booked()
    await desk.booked("c2", "13800138001")
    desk.room = 1
    dialler = desk.controller()
    await desk.live(dialler, "CHANUNAVAIL-3")
    assert len(desk.switch.dialled) == 1
    await desk.live(dialler, "ANSWER-16", minutes=5)
    assert len(desk.switch.dialled) == 3
