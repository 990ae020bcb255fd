"""What leads new calls: the history followed, canaries judged, versions that cannot be taken."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ivr.errors import FlowError, IvrError
from ivr.flow.project import Sources
from ivr.flow.record import CallRecord
from ivr.meanwhile import meanwhile
from ivr.store.versions import Versions
from ivr.versions import live as live_module
from ivr.versions.edition import Edition
from ivr.versions.live import LOOK, PATIENCE, Bound, Live
from ivr.versions.served import Led, shown
from tests.editions import Maker, decided, written
from tests.fake_asterisk import FakeAsterisk
from tests.leading import a_database, leading
from tests.line.switch import Channel, serving, speaking
from tests.records.given import a_record
from tests.stage import path
from tests.until import until

OLD, NEW, FILES = written("old"), written("new"), written("files")
BROKEN = Sources({"flows/f.yaml": "flow: f\nstart: ["}, {})
BOUND = Bound(worse_by=5, calls=1000)


def following(live: Live) -> AbstractAsyncContextManager[None]:
    """Follow the history while the block runs."""
    return meanwhile(live.follow(), "what is published")


@pytest.fixture
async def versions(tmp_path: Path) -> AsyncIterator[Versions]:
    async with a_database(tmp_path) as database:
        yield Versions(database)


@pytest.fixture
async def make(tmp_path: Path) -> AsyncIterator[Maker]:
    async with speaking(tmp_path) as speaker:
        yield Maker(speaker, written("silent"))


def led_by(version: str, id: str = "1", outcome: str = "finished") -> CallRecord:
    """A call that a version led, and that is over."""
    return a_record(id, datetime.now(UTC), flow="f", version=version, outcome=outcome)


async def test_the_files_lead_calls_until_something_is_published(
    versions: Versions, make: Maker
) -> None:
    live = await Live.start(versions, make, BOUND, lambda: FILES)
    assert live.led() == Led(FILES.version, "files")
    async with following(live):
        await decided(versions, "publish", NEW)
        assert await until(lambda: live.take("1").version == NEW.version) < LOOK + 0.5
    assert live.led() == Led(NEW.version, "published")


async def test_what_is_published_leads_calls_from_the_start_whatever_the_files_are(
    versions: Versions, make: Maker
) -> None:
    await decided(versions, "publish", OLD)
    live = await Live.start(versions, make, BOUND, lambda: BROKEN)
    assert live.led() == Led(OLD.version, "published")
    assert make.made == [OLD.version]


async def test_files_with_mistakes_start_nothing(versions: Versions, make: Maker) -> None:
    with pytest.raises(FlowError):
        await Live.start(versions, make, BOUND, lambda: BROKEN)


@pytest.mark.parametrize("worse", [BROKEN, written("silent")], ids=["unreadable", "silent"])
async def test_a_version_that_cannot_lead_calls_changes_nothing_and_is_told(
    versions: Versions, make: Maker, worse: Sources, caplog: pytest.LogCaptureFixture
) -> None:
    await decided(versions, "publish", OLD)
    live = await Live.start(versions, make, BOUND, lambda: FILES)
    async with following(live):
        await decided(versions, "publish", worse)
        await until(lambda: bool(live.led().trouble))
        assert live.take("1").version == OLD.version
        assert f"version {worse.version} changes nothing" in live.led().trouble
        assert f"version {worse.version} changes nothing" in caplog.text
        await decided(versions, "publish", NEW)
        await until(lambda: live.take("1").version == NEW.version)
    assert live.led().trouble == ""


async def test_a_damaged_version_is_passed_over_for_the_one_before(
    versions: Versions, make: Maker, tmp_path: Path
) -> None:
    await decided(versions, "publish", OLD)
    await decided(versions, "publish", NEW)
    with sqlite3.connect(tmp_path / "calls.db") as damaging:
        damaging.execute("update versions set texts = 'x' where id = ?", (NEW.version,))
    live = await Live.start(versions, make, BOUND, lambda: FILES)
    assert live.take("1").version == OLD.version
    assert "is damaged" in live.led().trouble


async def test_a_fault_of_ours_keeps_no_later_version_from_coming(
    versions: Versions, make: Maker, tmp_path: Path
) -> None:
    live = await Live.start(versions, make, BOUND, lambda: FILES)
    await decided(versions, "publish", OLD)
    with sqlite3.connect(tmp_path / "calls.db") as damaging:
        text = '{"flows": {"a": 1}, "prompts": {}}'
        wrong = Sources({"a": 1}, {}).version  # type: ignore[dict-item]
        damaging.execute("update versions set id = ?, texts = ?", (wrong, text))
        damaging.execute("update history set version = ?", (wrong,))
    await live.renew()
    assert live.take("1").version == FILES.version
    assert "a fault of ours" in live.led().trouble
    await decided(versions, "publish", NEW)
    await live.renew()
    assert live.take("1").version == NEW.version


async def test_a_rollback_makes_no_edition_anew_that_is_there(
    versions: Versions, make: Maker
) -> None:
    await decided(versions, "publish", OLD)
    live = await Live.start(versions, make, BOUND, lambda: FILES)
    await decided(versions, "canary", NEW, share=50)
    await live.renew()
    await decided(versions, "promote", NEW)
    await live.renew()
    assert live.take("1").version == NEW.version
    assert make.made == [OLD.version, NEW.version]


async def test_a_canary_leads_its_share_of_new_calls(versions: Versions, make: Maker) -> None:
    await decided(versions, "publish", OLD)
    live = await Live.start(versions, make, BOUND, lambda: FILES)
    await decided(versions, "canary", NEW, share=20)
    await live.renew()
    led = [live.take(f"call.{n}").version for n in range(1000)]
    assert 150 < led.count(NEW.version) < 250
    assert set(led) == {OLD.version, NEW.version}
    assert live.led() == Led(OLD.version, "published", NEW.version, 20)


async def test_a_canary_that_callers_hang_up_on_is_withdrawn_everywhere(
    versions: Versions, make: Maker, caplog: pytest.LogCaptureFixture
) -> None:
    await decided(versions, "publish", OLD)
    one = await Live.start(versions, make, BOUND, lambda: FILES)
    other = await Live.start(versions, make, BOUND, lambda: FILES)
    await decided(versions, "canary", NEW, share=50)
    await one.renew()
    await other.renew()
    for n in range(30):
        await (one, other)[n % 2].over(led_by(OLD.version, f"old.{n}"))
    for n in range(3):
        assert one.led().canary == NEW.version
        await (one, other)[n % 2].over(led_by(NEW.version, f"new.{n}", "abandoned"))
        await one.renew()
    async with following(other):
        await until(lambda: other.led().canary == "")
    assert {one.take(f"{n}").version for n in range(50)} == {OLD.version}
    last = (await versions.history())[-1]
    assert (last.act, last.version, last.who) == ("withdraw", NEW.version, "the hotline")
    assert last.why == "3 of 3 callers hung up, and 0 of 30 without it"
    assert f"version {NEW.version} is withdrawn: 3 of 3 callers hung up" in caplog.text


async def test_a_canary_that_does_as_well_stays(versions: Versions, make: Maker) -> None:
    await decided(versions, "publish", OLD)
    live = await Live.start(versions, make, BOUND, lambda: FILES)
    await decided(versions, "canary", NEW, share=50)
    await live.renew()
    for n in range(40):
        for version in (OLD.version, NEW.version):
            outcome = "abandoned" if n % 4 == 0 else "finished"
            await live.over(led_by(version, f"{version}.{n}", outcome))
    assert live.led().canary == NEW.version


async def test_calls_that_began_before_a_canary_say_nothing_of_it(
    versions: Versions, make: Maker
) -> None:
    await decided(versions, "publish", OLD)
    live = await Live.start(versions, make, BOUND, lambda: FILES)
    canary = await decided(versions, "canary", NEW, share=50)
    await live.renew()
    began = led_by(OLD.version).model_copy(update={"started": canary.at - timedelta(seconds=1)})
    await live.over(began)
    await live.over(led_by("third"))
    assert await versions.marks(canary, 10) == {True: [], False: []}


async def test_a_database_that_is_gone_leaves_everything_as_it_is(
    tmp_path: Path, make: Maker, caplog: pytest.LogCaptureFixture
) -> None:
    async with a_database(tmp_path) as database:
        await decided(Versions(database), "publish", OLD)
        live = await Live.start(Versions(database), make, BOUND, lambda: FILES)
        async with following(live):
            await database.close()
            await until(lambda: "what is published cannot be told" in caplog.text)
        assert live.take("1").version == OLD.version


class Hanging(Versions):
    """Versions in a database that hangs while `hangs`; so often one was asked for."""

    hangs, asked = True, 0

    async def sources(self, id: str) -> Sources:
        self.asked += 1
        if self.hangs:
            await asyncio.Event().wait()
        return await super().sources(id)


async def test_calls_that_are_taken_over_wait_once_for_a_database_that_hangs(
    tmp_path: Path, make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "MISSED", 0.3)
    async with a_database(tmp_path) as database:
        versions = Hanging(database)
        await decided(versions, "publish", OLD)
        live = Live(versions, make, BOUND, await make(FILES))
        began = time.monotonic()
        taken = await asyncio.gather(*(live.again(OLD.version, str(call)) for call in range(50)))
        assert time.monotonic() - began < 10 * PATIENCE
        assert {each.version for each in taken} == {FILES.version} and versions.asked == 1
        versions.hangs = False
        await asyncio.sleep(0.3)  # what is waited for is a clock
        assert (await live.again(OLD.version, "1")).version == OLD.version


async def test_a_version_whose_sounds_come_later_is_taken_then(
    versions: Versions, make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent_at_first(sources: Sources) -> Edition:
        if is_silent and sources.version == NEW.version:
            raise IvrError("3 sounds are not built")
        return await make(sources)

    is_silent = True
    monkeypatch.setattr(live_module, "AGAIN", 0)
    await decided(versions, "publish", OLD)
    live = await Live.start(versions, silent_at_first, BOUND, lambda: FILES)
    async with following(live):
        await decided(versions, "publish", NEW)
        await until(lambda: bool(live.led().trouble))
        is_silent = False
        await until(lambda: live.take("1").version == NEW.version)
    assert live.led().trouble == ""


async def test_a_decision_that_nobody_here_understands_is_told_and_ends_no_following(
    versions: Versions, make: Maker, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await decided(versions, "publish", OLD)
    live = await Live.start(versions, make, BOUND, lambda: FILES)
    async with following(live):
        with sqlite3.connect(tmp_path / "calls.db") as damaging:
            damaging.execute(
                "insert into history select 2, version, 'praise', why, who, at, share from history"
            )
        await until(lambda: "decision 2 is 'praise'" in caplog.text)
        with sqlite3.connect(tmp_path / "calls.db") as mending:
            mending.execute("delete from history where number = 2")
        await decided(versions, "publish", NEW)
        await until(lambda: live.take("1").version == NEW.version)


def test_what_leads_calls_is_told_in_words() -> None:
    assert shown(Led("a", "files"), "a") == "version a (files)"
    assert shown(Led("a-draft", "draft"), "a") == "version a-draft (draft)"
    assert shown(Led("a", "published", "b", 5, "version c changes nothing"), "d") == (
        "version a (published), 5% of calls by the canary b; "
        "the files on disk are another version, d; version c changes nothing"
    )


async def test_a_maker_that_refuses_the_files_starts_nothing(
    versions: Versions, make: Maker
) -> None:
    with pytest.raises(IvrError):
        await Live.start(versions, make, BOUND, lambda: written("silent"))


async def test_a_call_in_progress_keeps_its_version_and_the_next_has_the_new_one(
    versions: Versions, make: Maker, tmp_path: Path
) -> None:
    await decided(versions, "publish", OLD)
    live = await Live.start(versions, make, BOUND, lambda: FILES)
    async with a_database(tmp_path) as database:
        work, book = leading(live, database, tmp_path)
        async with following(live), serving(work.serve) as port:
            first = FakeAsterisk(
                port, script="f", variables={"uniqueid": "1"}, answer={"EXEC ExecIf": None}
            )
            async with first:
                await first.asked("EXEC ExecIf")
                await decided(versions, "publish", NEW)
                await until(lambda: live.led().serves == NEW.version)
                second = {"uniqueid": "2"}
                async with FakeAsterisk(
                    port, script="f", variables=second, answer=Channel("1")
                ) as switch:
                    await switch.finished()
                await first.hang_up()
                await first.finished()
        records = {record.id: record for record in await book.latest(10)}
    assert (records["1"].version, path(records["1"])) == (OLD.version, ["old"])
    assert (records["2"].version, path(records["2"])[0]) == (NEW.version, "new")
