"""The recorded talks and the marks in the database."""

from dataclasses import replace
from datetime import timedelta

from ivr.flow.record import Asked, KeyPress
from ivr.past.tapes import Tape
from ivr.store.calls import Calls
from ivr.store.database import Database
from ivr.store.marks import Marks
from ivr.store.talks import Talks
from tests.store.given import NOON, record

DAY = timedelta(days=1)
TAPE = Tape("1.2_1", "1.2", "139", "front_desk", "Li Na", NOON, 61.5, NOON + 30 * DAY)


async def test_talks_are_found_by_all_that_is_known_of_them(database: Database) -> None:
    talks = Talks(database)
    later = replace(TAPE, name="1.2-2_1", call="1.2-2", agent="Bo", began=NOON + DAY)
    for each in (TAPE, later):
        await talks.keep(each)
    assert await talks.find() == [later, TAPE]
    assert await talks.find(call="1.2") == await talks.find(call="1.2-2") == [later, TAPE]
    assert await talks.find(caller="139", agents=["1001", "Bo"]) == [later]
    assert await talks.find(begin=NOON, end=NOON + DAY) == [TAPE]
    assert await talks.find(name="1.2_1") == [TAPE]
    assert await talks.find(over=NOON + 29 * DAY) == []
    assert await talks.find(caller="138") == []


async def test_a_talk_that_is_kept_twice_is_there_once_until_it_is_forgotten(
    database: Database,
) -> None:
    talks = Talks(database)
    await talks.keep(TAPE)
    await talks.keep(replace(TAPE, seconds=2.0))
    (found,) = await talks.find()
    assert found.seconds == 2
    await talks.forget("1.2_1")
    assert await talks.find() == []


async def test_a_mark_is_kept_with_the_record_of_its_call(database: Database) -> None:
    queue = {"what": "queue", "of": "front_desk", "outcome": "answered", "by": "Li Na"}
    asked = Asked.model_validate(queue | {"from": 0, "to": 1000, "node": "queue"})
    key = KeyPress(key="2", node="survey/mark", at=NOON + timedelta(seconds=5))
    marked = record("c.1").model_copy(update={"asked": (asked,), "keys": (key,)})
    for _ in range(2):
        await Calls(database).write(marked)
    (mark,) = await Marks(database).between(NOON, NOON + DAY)
    assert (mark.call, mark.desk, mark.agent, mark.mark) == ("c.1", "front_desk", "Li Na", 2)
    assert await Marks(database).between(NOON + DAY, NOON + 2 * DAY) == []
