"""What is kept of callers for a time, and forgotten when somebody asks for it."""

import asyncio
import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ivr.cli import app
from ivr.flow.caller import Caller
from ivr.flow.opening import Opening
from ivr.flow.talk import Choice
from ivr.forgetting import keeping, waits_forgotten
from ivr.forgetting.keeping import Keeper, blot_out
from ivr.line.waits import Waits
from ivr.past.tapes import Tape
from ivr.records.callbook import RECORD
from ivr.records.pending import Pending
from ivr.running import claim
from ivr.store.audit import Audit, Entry
from ivr.store.calls import Calls
from ivr.store.database import Database
from ivr.store.talks import Talks
from tests.line.test_waits import WAIT
from tests.stage import ROOT
from tests.store.test_forgetting import HER, NOON, OTHER, held, record

DAY = timedelta(days=1)
MESSAGES = ("1.0-1.wav", "1.0-2.wav", "1.0-2-1.wav", "2.0-1.wav")


async def opened(folder: Path) -> Database:
    return await Database.open(f"sqlite+aiosqlite:///{folder / 'calls.db'}")


def messages(folder: Path, *names: str) -> Path:
    recordings = folder / "recordings"
    recordings.mkdir()
    for name in names:
        (recordings / name).write_bytes(b"RIFF")
    return recordings


async def test_records_go_with_the_messages_left_in_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "BREATH", 0)
    recordings = await asyncio.to_thread(messages, tmp_path, *MESSAGES)
    async with await opened(tmp_path) as database:
        await Calls(database).write(record("1.0", HER, NOON - 9 * DAY))
        await Calls(database).write(record("2.0", HER, NOON))
        keeper = Keeper(database, recordings, 5 * DAY)
        assert await keeper.sweep(NOON) == 1
        assert [call.id for call in await Calls(database).latest(9)] == ["2.0"]
    left = await asyncio.to_thread(lambda: [file.name for file in recordings.iterdir()])
    assert sorted(left) == ["1.0-2-1.wav", "2.0-1.wav"], "her next part is another call"


async def test_it_is_looked_at_the_start_and_a_fault_ends_nothing(tmp_path: Path) -> None:
    async with await opened(tmp_path) as database:
        await Calls(database).write(record("1.0", HER, NOON - 9999 * DAY))
        async with Keeper(database, tmp_path, 5 * DAY).keeping():
            for _ in range(500):
                if not await Calls(database).latest(1):
                    break
                await asyncio.sleep(0.01)
        assert await Calls(database).latest(1) == []


def test_a_number_is_blotted_out_in_place_and_no_other(tmp_path: Path) -> None:
    log = tmp_path / "queue_log"
    text = f"1|{HER}|2\n+86{HER} {HER}9 9{HER}9 86{HER}\n{OTHER}\n"
    log.write_text(text)
    (tmp_path / "other.log").write_text(OTHER)
    with log.open("a") as writer:
        assert blot_out(tmp_path, HER) == 1
        writer.write("more")
    stars = "*" * len(HER)
    said = f"1|{stars}|2\n+86{stars} {HER}9 9{HER}9 86{stars}\n{OTHER}\nmore"
    assert log.read_text() == said


def ivr(state: Path, *words: str, given: str = "") -> tuple[int, str]:
    environment = {"IVR_STATE_DIR": str(state), "IVR_ROOT": str(ROOT)}
    done = CliRunner().invoke(app, ["forget", *words], input=given, env=environment)
    return done.exit_code, done.output.replace("\n", " ")


async def _lived(state: Path) -> None:
    async with await opened(state) as database:
        for id, number in (("1.0", HER), ("2.0", OTHER)):
            await Calls(database).write(record(id, number, NOON))
            tape = Tape(f"{id}_1", id, number, "desk", "Li Na", NOON, 6.5, NOON + 9 * DAY)
            await Talks(database).keep(tape)
    # Records that the database did not take, as a controller keeps them.
    pending = Pending(state / "pending", {})
    (state / "pending").mkdir()
    for id, number in (("3.0", HER), ("4.0", OTHER)):
        await pending.keep(RECORD, id, record(id, number, NOON).model_dump_json(by_alias=True))


def waits(folder: Path, whose: Mapping[str, str]) -> None:
    """Keep the waits of callers, by the ids of their calls, as a controller does that died."""
    kept = Waits(folder)
    kept.load()
    for id, number in whose.items():
        texts = (Opening("f", "v", Caller(id, number), NOON).written(Choice()),)
        kept.keep(id, WAIT.model_copy(update={"texts": texts}))
    kept.close()


def test_of_a_wait_half_a_file_goes_too_and_without_waits_nothing_does(tmp_path: Path) -> None:
    assert waits_forgotten.forget(tmp_path / "waits", HER) == []
    waits(tmp_path, {"1.0": HER, "2.0": OTHER})
    whole = (tmp_path / "1.0.json").read_text()
    (tmp_path / "1.0.json").unlink()
    (tmp_path / "1.0.new").write_text(whole[: whole.index("PJSIP")])
    assert waits_forgotten.forget(tmp_path, HER) == []
    assert [path.name for path in tmp_path.iterdir()] == ["2.0.json"]


def test_who_waits_in_a_hotline_that_runs_is_led_on(tmp_path: Path) -> None:
    asyncio.run(_lived(tmp_path))
    waits(tmp_path / "waits", {"5.0": HER})
    with claim.held(tmp_path):
        claim.tell(tmp_path, claim.Running(os.getpid(), "http://127.0.0.1:9", ""))
        assert "0 waits" in ivr(tmp_path, HER)[1]
    assert (tmp_path / "waits" / "5.0.json").exists()


async def _acts(state: Path) -> list[Entry]:
    async with await opened(state) as database:
        then = datetime(2999, 1, 1, tzinfo=UTC)
        return [act.entry for act in await Audit(database).acts(NOON - 9999 * DAY, then)]


@pytest.mark.parametrize("as_word", [True, False])
def test_of_a_caller_who_wants_it_nothing_is_left(tmp_path: Path, as_word: bool) -> None:
    asyncio.run(_lived(tmp_path))
    for folder in ("talks", "recordings", "log"):
        (tmp_path / folder).mkdir()
    for id in ("1.0", "2.0"):
        (tmp_path / "talks" / f"{id}_1.wav").write_bytes(b"RIFF")
        (tmp_path / "recordings" / f"{id}-1.wav").write_bytes(b"RIFF")
    (tmp_path / "log" / "queue_log").write_text(f"1|{HER}\n")
    waits(tmp_path / "waits", {"5.0": HER, "6.0": OTHER})
    told = (
        0,
        "deleted: 3 calls, 1 messages, 1 talks, 0 promises, 1 waits; blotted out in 1 files ",
    )
    given = f"+86 {HER[:3]} {HER[3:]}"
    assert (ivr(tmp_path, given) if as_word else ivr(tmp_path, given=f"{given}\n")) == told
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert not [file for file in files if HER.encode() in file.read_bytes()]
    assert asyncio.run(held(tmp_path / "log", OTHER)) is False
    left = sorted(file.name for file in files if file.suffix == ".wav")
    assert left == ["2.0-1.wav", "2.0_1.wav"]
    left = sorted(file.name for file in files if file.suffix == ".json")
    assert left == ["6.0.json", "call-4.0.json"]
    (entry,) = asyncio.run(_acts(tmp_path))
    assert (entry.what, entry.whom) == ("forget", "a caller")


@pytest.mark.parametrize("number", ["", "Li Na", "12"])
def test_what_is_no_number_is_told_so(tmp_path: Path, number: str) -> None:
    status, said = ivr(tmp_path, number, given="\n")
    assert status == 1 and "a number is expected" in said
