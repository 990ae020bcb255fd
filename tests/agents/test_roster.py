"""The roster: kept first, true in the switch as soon as it answers, and who does not answer."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from ivr.agents.roster import PAUSED, Roster, shown
from ivr.desk.ami import AmiLost
from ivr.desk.duty import NO_ANSWER, Duty, Standing
from ivr.store.audit import Entry
from ivr.store.database import StoreError
from ivr.switch.desks import Desks

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
OFF = Standing(Duty.OFF, "", "1001", NOON)
DESKS = Desks.model_validate(
    {
        "desks": {
            "front": {"members": ["1001"]},
            "kept": {"members": ["1001"], "no_answer": "keep"},
            "all": {"members": ["1001"], "strategy": "ring_all"},
        },
        "agents": {"1001": {"name": "Ann", "skills": {"roaming": 5, "yue": 5}}},
    }
)


class Store:
    """Keeps standings, unless it is `locked`."""

    def __init__(self) -> None:
        self.kept: dict[str, Standing] = {}
        self.locked = False

    async def keep(self, agent: str, standing: Standing) -> None:
        if self.locked:
            raise StoreError("locked")
        self.kept[agent] = standing

    async def all(self) -> dict[str, Standing]:
        return dict(self.kept)


class Switch:
    """Knows why each interface is paused; answers nothing while it is `gone`."""

    def __init__(self) -> None:
        self.paused: dict[str, str] = {}
        self.gone = False

    async def action(self, headers: Mapping[str, str]) -> dict[str, str]:
        if self.gone:
            raise AmiLost("no link")
        assert (headers["Action"], headers["Paused"]) in (
            ("QueuePause", "true"),
            ("QueuePause", "false"),
        )
        assert (headers["Paused"] == "true") == bool(headers["Reason"])
        self.paused[headers["Interface"]] = headers["Reason"]
        return {}


class Hotline:
    """A roster, and what it is beside."""

    def __init__(self) -> None:
        self.store, self.switch = Store(), Switch()
        self.told: list[tuple[str, str]] = []
        self.now = NOON
        self.written: list[Entry] = []
        self.roster = Roster(
            self.store, self.write, self.switch, self.tell, lambda: DESKS, lambda: self.now
        )

    async def write(self, entry: Entry) -> int:
        if self.store.locked:
            raise StoreError("locked")
        self.written.append(entry)
        return len(self.written)

    async def tell(self, agent: str, text: str) -> bool:
        self.told.append((agent, text))
        return True

    async def ring_out(self, queue: str, ring_time: str = "20000", seconds: float = 20) -> None:
        event = {"Queue": queue, "Interface": "PJSIP/1001", "RingTime": ring_time}
        self.now = NOON - timedelta(seconds=seconds)
        self.roster.called(event)
        self.now = NOON
        self.roster.unanswered(event)
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            await task


@pytest.fixture
def hotline() -> Hotline:
    return Hotline()


async def test_a_change_is_kept_and_the_switch_is_told(hotline: Hotline) -> None:
    assert await hotline.roster.change("1001", OFF)
    assert hotline.store.kept == {"1001": OFF}
    assert hotline.switch.paused == {"PJSIP/1001": "off duty"}
    after = Roster(hotline.store, hotline.write, hotline.switch, hotline.tell, lambda: DESKS)
    await after.load()
    assert (after.of("1001"), after.of("1002")) == (OFF, Standing())


async def test_what_cannot_be_kept_changes_nothing(hotline: Hotline) -> None:
    hotline.store.locked = True
    for lets in (hotline.roster.change, hotline.roster.decide):
        with pytest.raises(StoreError):
            await lets("1001", OFF)
    assert hotline.roster.of("1001") == Standing()
    assert hotline.switch.paused == {}


async def test_a_switch_that_was_gone_is_told_when_it_lists_its_members(hotline: Hotline) -> None:
    hotline.switch.gone = True
    assert not await hotline.roster.change("1001", OFF)
    hotline.switch.gone = False
    listed = [
        {"Event": "QueueParams", "Queue": "front"},
        {"Event": "QueueMember", "Location": "PJSIP/1001", "Paused": "0", "PausedReason": ""},
        {"Event": "QueueMember", "Location": "PJSIP/1002", "Paused": "0", "PausedReason": ""},
    ]
    await hotline.roster.check(listed)
    assert hotline.switch.paused == {"PJSIP/1001": "off duty"}


async def test_who_did_not_answer_is_paused_in_all_queues_and_told_in_her_language(
    hotline: Hotline,
) -> None:
    paused: list[str] = []
    hotline.roster.paused = lambda: paused.append("one")
    await hotline.ring_out("front+yue")
    assert hotline.roster.of("1001") == Standing(Duty.PAUSED, NO_ANSWER, "hotline", NOON)
    assert hotline.switch.paused == {"PJSIP/1001": NO_ANSWER}
    told = Entry(NOON, "hotline", "duty", "1001", "done", why="paused, no answer")
    assert hotline.written == [told]
    assert hotline.told == [("1001", PAUSED["yue"])]
    await hotline.ring_out("front")
    assert len(hotline.told) == len(paused) == 1


@pytest.mark.parametrize(
    ("queue", "ring_time"),
    [("kept", "20000"), ("all", "20000"), ("gone", "20000"), ("front", "3000")],
)
async def test_nobody_is_paused_where_the_desk_says_so_or_nobody_in_particular_rang_out(
    hotline: Hotline, queue: str, ring_time: str
) -> None:
    await hotline.ring_out(queue, ring_time)
    assert hotline.roster.of("1001") == Standing()
    assert hotline.told == []


async def test_who_rang_for_the_rest_of_anothers_time_is_not_paused(hotline: Hotline) -> None:
    await hotline.ring_out("front", seconds=5)
    assert (hotline.roster.of("1001"), hotline.told) == (Standing(), [])


async def test_who_cannot_be_paused_is_not_told_that_she_is(hotline: Hotline) -> None:
    hotline.store.locked = True
    await hotline.ring_out("front")
    assert (hotline.told, hotline.switch.paused) == ([], {})


async def test_the_board_shows_where_each_agent_stands(hotline: Hotline) -> None:
    await hotline.roster.change("1001", OFF)
    board: dict[str, list[dict[str, object]]] = {"agents": [{"number": "1001"}, {"number": "1002"}]}
    hotline.roster.beside(board)
    assert board["agents"] == [
        {
            "number": "1001",
            "duty": {"duty": "off", "reason": "", "by": "1001", "since": "2026-11-22T12:00:00Z"},
        },
        {"number": "1002", "duty": shown(Standing())},
    ]
    assert shown(Standing()) == {"duty": "on", "reason": "", "by": "", "since": None}
    assert hotline.roster.language("1002") == "en"
