"""Calls that a controller has left: none is closed that goes on, and none stays open for ever."""

from datetime import UTC, datetime, timedelta

from ivr.flow.record import CallRecord
from ivr.store.calls import Calls
from ivr.store.database import Database
from ivr.takeover.left_behind import WHY, LeftBehind
from tests.records.given import a_record

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def begun(id: str) -> CallRecord:
    return a_record(id, NOON, version="v", language="en")


class Journals:
    """What a switch has kept; `taken` are the names of what was taken."""

    def __init__(self, **records: CallRecord) -> None:
        self.kept, self.taken = records, list[str]()

    async def records(self) -> dict[str, CallRecord]:
        return self.kept

    def take_away(self, name: str) -> None:
        self.taken.append(name)


class OnSwitch:
    """A switch with these channels."""

    def __init__(self, *there: str) -> None:
        self.there = set(there)

    async def channels(self) -> set[str]:
        return self.there


async def test_a_record_is_closed_when_its_channel_is_gone_and_nothing_is_left(
    database: Database,
) -> None:
    calls, switch, led = Calls(database), OnSwitch("1.1", "1.2", "1.3"), set[str]()
    left = LeftBehind(
        calls, switch, led.__contains__, Journals(), lambda: NOON + timedelta(minutes=1)
    )
    for id in ("1.1", "1.1-2", "1.2", "1.3"):
        assert await calls.begin(begun(id))
    await left.find()
    assert await calls.begin(begun("1.4"))  # one of our own, which may be gone at once
    await left.look()
    assert len(await calls.open()) == 5

    led |= {"1.2"}
    await left.look()
    led.clear()
    switch.there = {"1.3"}
    await left.look()
    assert set(await calls.open()) == {"1.2", "1.3", "1.4"}
    closed = await calls.find("1.1-2")
    assert closed is not None
    assert (closed.outcome, closed.why, closed.ended) == ("failed", WHY, left._clock())
    switch.there = set()
    await left.look()
    assert set(await calls.open()) == {"1.2", "1.4"}


async def test_who_hangs_up_while_the_switch_is_asked_has_her_own_record(
    database: Database,
) -> None:
    calls, journals = Calls(database), Journals()
    over = begun("1.1").model_copy(update={"outcome": "abandoned", "ended": NOON})

    class Going(OnSwitch):
        async def channels(self) -> set[str]:
            # Her channel keeps what it held, and is gone; the switch told before that it is there.
            there, self.there = self.there, set()
            journals.kept = {"1.1-1": over}
            return there

    assert await calls.begin(begun("1.1"))
    left = LeftBehind(calls, Going("1.1"), lambda id: False, journals)
    await left.find()
    await left.look()
    journals.kept = {}
    await left.look()
    record = await calls.find("1.1")
    assert record is not None and record.outcome == "abandoned"


async def test_what_the_switch_has_kept_of_a_call_is_written_down_once(
    database: Database,
) -> None:
    calls = Calls(database)
    over = begun("1.1").model_copy(update={"outcome": "abandoned", "ended": NOON})
    journals = Journals(**{"1.1-1": over, "1.2-1": over.model_copy(update={"id": "1.2"})})
    journals.kept["1.3-1"] = over.model_copy(update={"id": "1.3"})
    assert await calls.begin(begun("1.1"))
    await calls.write(over.model_copy(update={"id": "1.3", "outcome": "finished"}))
    left = LeftBehind(calls, OnSwitch(), lambda id: False, journals)
    await left.find()
    await left.look()
    assert await calls.open() == []
    found = [await calls.find(id) for id in ("1.1", "1.2", "1.3")]
    assert [one and one.outcome for one in found] == ["abandoned", "abandoned", "finished"]
    assert journals.taken == ["1.1-1", "1.2-1", "1.3-1"]
