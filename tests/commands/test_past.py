"""`ivr explain` and `ivr replay`: calls of a database, as a person asks for them."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ivr.commands.replay import moment
from ivr.errors import IvrError
from ivr.flow.record import CallRecord
from ivr.line.script import ScriptLine
from ivr.store.calls import Calls
from ivr.store.database import Database
from tests.commands.typed import Ivr, said
from tests.stage import ROOT, play, shipped


def keep(tmp_path: Path, *records: CallRecord) -> None:
    """Keep calls as a hotline would have."""

    async def write() -> None:
        (tmp_path / "state").mkdir()
        database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'state' / 'calls.db'}")
        for record in records:
            await Calls(database).write(record)
        await database.close()

    asyncio.run(write())


def call(id: str, *keys: str, flow: str = "hotline") -> CallRecord:
    """Return a call of the shipped hotline that began yesterday at noon."""
    record = play(shipped(), ScriptLine(keys), flow="hotline")
    noon = datetime.now().astimezone().replace(hour=12) - timedelta(days=1)
    later = noon - record.started
    moved = record.model_dump() | {"id": id, "flow": flow, "started": noon}
    assert record.ended is not None
    moved |= {"ended": record.ended + later}
    for name, moments in {"path": ("entered", "left"), "keys": ("at",)}.items():
        for entry in moved[name]:
            entry.update({moment: entry[moment] + later for moment in moments})
    return CallRecord.model_validate(moved)


def test_a_call_is_explained_from_the_database(ivr: Ivr, tmp_path: Path) -> None:
    keep(tmp_path, call("c.1", "1", "-", "-", "7", "hangup"))
    told = said(ivr("explain", "c.1"))
    assert told.startswith("call c.1: 13800138000 to 10086, ")
    assert "What stands out:" in told and "- was silent for 1 s, once, in 'menu'" in told


def test_a_call_there_is_none_of_is_told_with_the_newest(ivr: Ivr, tmp_path: Path) -> None:
    assert "no call was kept in" in said(ivr("explain", "c.1"), 1)
    assert not (tmp_path / "state").exists()
    keep(tmp_path, call("c.1", "hangup"))
    assert said(ivr("explain")).startswith("call c.1: ")
    assert said(ivr("explain", "x"), 1) == "ivr: there is no call 'x'; the newest are c.1\n"
    assert "there is no call" in said(ivr("replay", "../x"), 1)


def test_calls_replayed_on_a_draft_say_which_end_elsewhere(ivr: Ivr, tmp_path: Path) -> None:
    old = call("c.2", "0").model_copy(update={"asked": None})
    other = call("c.4", "0", flow="gone")
    keep(tmp_path, call("c.1", "1", "2", "hangup"), old, call("c.3", "1", "0"), other)
    same = said(ivr("replay", "--since", "yesterday"))
    assert "      2 go as they went\n" in same and "would end elsewhere:" not in same
    assert "1 cannot be replayed: older than what a record now tells" in same
    assert "1 cannot be replayed: there is no flow gone any more" in same
    draft = tmp_path / "draft.yaml"
    text = (ROOT / "flows" / "hotline.yaml").read_text()
    assert "{1: balance, 2: recharge," in text
    draft.write_text(text.replace("{1: balance, 2: recharge,", "{2: balance, 1: recharge,"))
    changed = said(ivr("replay", str(draft), "--flow", "hotline"))
    assert "3 calls since" in changed and "1 would end elsewhere" in changed
    assert "they part after menu: recharge → balance" in changed
    assert "there is no call of flow x since" in said(ivr("replay", "--flow", "x"), 1)


def test_one_call_is_shown_then_and_now(ivr: Ivr, tmp_path: Path) -> None:
    keep(tmp_path, call("c.1", "1", "hangup"))
    told = said(ivr("replay", "c.1", "--step"))
    assert told.startswith("c.1  abandoned still\n- then, version ")
    assert "⌨ 1  (to notices)" in told


def test_what_is_not_the_callers_own_is_said_to_be_a_sample(ivr: Ivr, tmp_path: Path) -> None:
    asked = call("c.1", "1", "1", "hangup")
    assert asked.asked
    found = tuple(each.model_copy(update={"outcome": "found"}) for each in asked.asked)
    keep(tmp_path, asked.model_copy(update={"asked": found}), call("c.2", "1", "hangup"))
    assert "with sample values" in said(ivr("replay", "c.1"))
    assert "with sample values" not in said(ivr("replay", "c.2"))


def test_a_draft_with_mistakes_is_not_replayed_on(ivr: Ivr, tmp_path: Path) -> None:
    keep(tmp_path, call("c.1", "1", "hangup"))
    draft = tmp_path / "draft.yaml"
    draft.write_text("flow: hotline\nlanguages: [cmn]\nstart: x\nnodes:\n  y: hangup\n")
    assert "there is no node 'x'" in said(ivr("replay", str(draft)), 1)
    assert "No such file" in said(ivr("replay", str(tmp_path / "none.yaml")), 1)


def test_a_day_is_that_of_the_clock() -> None:
    now = datetime(2026, 11, 25, 1, 30, tzinfo=UTC)
    assert moment("yesterday", now) == datetime(2026, 11, 24, tzinfo=UTC)
    assert moment("today", now) == datetime(2026, 11, 25, tzinfo=UTC)
    assert moment("2026-11-20", now) == datetime(2026, 11, 20, tzinfo=UTC)
    with pytest.raises(IvrError, match="this is 'last week'"):
        moment("last week", now)
