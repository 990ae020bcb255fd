"""Whatever happens to controllers, the switch and the clock: each attempt dials once at most."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.callbacks.dialler import Dialler
from ivr.desk.agenda import Outcome, State
from ivr.store.database import Database
from tests.callbacks.test_dialler import NOON, STEPS, Desk, Killed

COMES = ("ANSWER-16", "BUSY-17", "NOANSWER-0", "CHANUNAVAIL-3")
WHO = st.integers(0, 1)
HAPPENS = st.one_of(
    st.tuples(st.just("look"), WHO, st.none()),
    st.tuples(st.just("killed"), WHO, st.sampled_from(STEPS)),
    st.tuples(st.just("answered"), WHO, st.sampled_from(COMES)),
    st.tuples(st.just("killed while it rings"), WHO, st.sampled_from(COMES)),
    st.tuples(st.just("the switch went down"), WHO, st.booleans()),
    st.tuples(st.just("time"), WHO, st.sampled_from((1, 20, 400, 4000, -900))),
)


async def _lives(happens: list[tuple[str, int, object]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{folder}/calls.db"
        databases = [await Database.open(url) for _ in range(2)]
        try:
            desk = Desk(Path(folder), databases[0])
            went_down = False
            for n in range(3):
                await desk.booked(f"c{n}", f"1380013800{n}")
            two = [desk.controller(database=database) for database in databases]
            for what, who, how in happens:
                went_down |= what == "the switch went down"
                two[who] = await _happens(desk, two[who], databases[who], what, how)
            desk.switch.hour = max(desk.switch.hour, NOON) + timedelta(hours=1)
            await desk.live(two[0], "ANSWER-16", minutes=30)
            await _judge(desk, went_down)
        finally:
            for database in databases:
                await database.close()


async def _happens(
    desk: Desk, dialler: Dialler, database: Database, what: str, how: object
) -> Dialler:
    """Let something happen; return the controller that runs then."""
    switch = desk.switch
    if what == "look":
        await dialler.look()
    elif what == "answered":
        await switch.answered(dialler, str(how))
    elif what == "killed":
        dying = desk.controller(str(how), database=database)
        with suppress(Killed):
            await dying.look()
            await switch.answered(dying, "BUSY-17")
        return desk.controller(database=database)
    elif what == "killed while it rings":
        # Nobody is there to be told of it.
        await switch.answered(dialler, str(how), is_told=False)
        return desk.controller(database=database)
    elif what == "the switch went down":
        await switch.goes_down(dialler, loses_marks=bool(how))
    else:
        assert isinstance(how, int)
        switch.hour += timedelta(seconds=how)
    return dialler


async def _judge(desk: Desk, went_down: bool) -> None:
    switch = desk.switch
    assert len(set(switch.tokens)) == len(switch.tokens)
    for booking in await desk.book.listed(list(State)):
        tries = await desk.attempts.of(booking.id)
        assert booking.state.is_over and all(each.outcome for each in tries)
        counted = [x for x in tries if x.outcome not in (Outcome.NOBODY, Outcome.FAULT)]
        assert len(counted) <= desk.rule.attempts
        # Of those that count for nothing nobody was rung.
        free = {each.token for each in tries if each.outcome is Outcome.NOBODY}
        assert not free & set(switch.tokens)
        talked = [n for n, x in enumerate(tries) if switch.came.get(x.token) == "ANSWER-16"]
        # Who has talked is not called again; only the switch that goes down may forget it.
        assert went_down or not talked or talked[0] == len(tries) - 1
        assert booking.number in switch.dialled or booking.state is State.BROKEN


@given(st.lists(HAPPENS, max_size=30))
@settings(max_examples=25)
def test_each_attempt_dials_once_at_most_whatever_happens(
    happens: list[tuple[str, int, object]],
) -> None:
    asyncio.run(_lives(happens))
