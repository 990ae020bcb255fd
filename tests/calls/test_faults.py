"""What fails around a call: each time a caller hears words that make sense, and nothing is lost.

The hotline is of its own, as all of this would be met by the callers of other tests.
"""

import asyncio
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from ivr.services.breaker import FAILS, PAUSES
from tests import ears
from tests.calls.conftest import Dial, dialling
from tests.calls.front import front
from tests.calls.hotline import Caller, Hotline, is_well, said, until
from tests.calls.listening import ALIKE, hears, sound, words

pytestmark = [pytest.mark.timeout(120), pytest.mark.asyncio(loop_scope="module")]

KNOWN = "13800138000"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hotline(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hotline]:
    running = front(tmp_path_factory.mktemp("faults")).running()
    hotline = await asyncio.to_thread(running.__enter__)
    try:
        yield hotline
    finally:
        await asyncio.to_thread(running.__exit__, None, None, None)


@pytest.fixture
def dial(hotline: Hotline, tmp_path: Path) -> Dial:
    return dialling(hotline, tmp_path)


def log(hotline: Hotline, *of: str) -> list[str]:
    """Return the lines of the controller's log that hold one of these."""
    lines = (hotline.state / "log" / "controller.log").read_text().splitlines()
    return [line for line in lines if any(each in line for each in of)]


async def asked(caller: Caller, count: int) -> list[dict[str, Any]]:
    """Wait until the caller has had so many answers; return what was asked for her."""

    async def answered() -> list[dict[str, Any]]:
        found = (await caller.record() or {}).get("asked") or []
        return found if len([each for each in found if each["outcome"]]) == count else []

    found: list[dict[str, Any]] = await until(answered)
    return found


async def test_a_back_end_that_fails_again_and_again_costs_a_caller_no_patience(
    hotline: Hotline, dial: Dial
) -> None:
    async with dial(KNOWN) as caller:
        await caller.comes_to("menu")
        await hotline.faults(status=500)
        for count in range(FAILS):
            await caller.press("1")
            await asked(caller, count + 1)
        await hotline.faults(delay="20s")
        await caller.press("1")
        last = (await asked(caller, FAILS + 1))[-1]
        assert last["outcome"] == "failed" and "is not asked just now" in last["why"]
        health = await hotline.get("/healthz")
        assert health["ok"] is False
        assert "failed 5 times running" in health["parts"]["service billing"]["detail"]
        await hotline.faults()
        await asyncio.sleep(PAUSES[0])  # what is waited for is a clock
        await caller.press("1")
        record = await caller.comes_to("told")
    assert [heard["prompt"] for heard in record["heard"]].count("cannot_look_up") >= FAILS
    await is_well(hotline)
    told = log(hotline, "service 'billing'")
    assert ["left alone" in line for line in told] == [True, False]
    # One that is not asked is no warning of its own.
    assert len(log(hotline, "WARNING", "ERROR")) == FAILS + 2


def rows(hotline: Hotline, query: str, *values: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"file:{hotline.state}/calls.db?mode=ro", uri=True)) as database:
        return database.execute(query, values).fetchall()


async def waits(hotline: Hotline) -> list[str]:
    return sorted(path.name.split("-")[0] for path in (hotline.state / "pending").glob("*.json"))


async def books(hotline: Hotline, call: AbstractAsyncContextManager[Caller]) -> str:
    """Let a caller be promised a call back, and hang up; return her number."""
    async with call as caller:
        await caller.press("31")

        async def kept() -> bool:
            return "booking" in await waits(hotline)

        await until(kept)
        await asyncio.sleep(1.5)  # she is told so, and hangs up
        return caller.number


async def written(hotline: Hotline, number: str) -> None:
    """Wait until nothing waits; then her call and her promise are there, once."""

    async def nothing() -> bool:
        return not await waits(hotline)

    await until(nothing, within=10)
    assert rows(hotline, "select state from promises where number = ?", number) == [("open",)]
    calls = await hotline.get("/api/calls?limit=50")
    (call,) = [call for call in calls if call["caller"] == number]
    assert call["outcome"] == "abandoned" and said(call)[-1] == "callback_until"


async def test_what_a_database_cannot_take_waits_and_is_written_once(
    hotline: Hotline, dial: Dial
) -> None:
    file = hotline.state / "calls.db"
    lock = sqlite3.connect(file, isolation_level=None)
    with closing(lock):
        lock.execute("BEGIN IMMEDIATE")
        number = await books(hotline, dial())

        async def both() -> bool:
            return await waits(hotline) == ["booking", "call"]

        await until(both)
        lock.rollback()
    await written(hotline, number)

    # Gone altogether: she is promised it by what was known of the desk last.
    aside = hotline.home / "aside"
    aside.mkdir()
    for name in ("calls.db", "calls.db-wal", "calls.db-shm"):
        (hotline.state / name).rename(aside / name)
    number = await books(hotline, dial())
    await until(both)
    assert "calls.db is gone" in log(hotline, "has to wait")[-1]
    for path in aside.iterdir():
        path.rename(hotline.state / path.name)
    await written(hotline, number)
    assert log(hotline, "has now what had to wait")


@contextmanager
def mounted(folder: Path, size: str) -> Iterator[None]:
    """Put a disk of a size over a folder while the block runs."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "tmpfs", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as fault:
        pytest.skip(f"no small disk can be mounted here: {fault}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def shelves(hotline: Hotline) -> list[Path]:
    """Return where composed sounds lie, of the controller that leads and of the one beside it."""
    lines = [line for line in log(hotline, "= sounds lie in") if not line.endswith("again")]
    return [Path(line.rpartition(" ")[2]) for line in lines]


def beside(hotline: Hotline) -> list[Path]:
    """Return where they lay while there was no room on a shelf, and may lie still."""
    return [Path(line.split()[-2]) for line in log(hotline, "; sounds go to ")]


async def tells_all(caller: Caller, count: int, before: int = 0) -> None:
    """Ask for the balance so many times more, and hear all that is said each time."""
    for number in range(before, before + count):
        await caller.press("1")
        await asked(caller, number + 1)

        async def heard(number: int = number) -> Any:
            return await caller.has_heard("thank_you", number + 1)

        await until(heard)


async def test_what_a_disk_does_not_take_is_said_all_the_same_or_refused_in_words(
    hotline: Hotline, dial: Dial, tmp_path: Path
) -> None:
    memory, voice = shelves(hotline), ears.tone(tmp_path / "voice.wav", 440, 60)
    with mounted(hotline.state / "recordings", "1m"):
        async with dial(KNOWN, play=voice) as caller:
            with ExitStack() as full:
                for folder in memory:
                    full.enter_context(mounted(folder, "4k"))
                await caller.press("2")

                async def refused() -> Any:
                    return await caller.has_heard("cannot_do", 1)

                await until(refused)
                await tells_all(caller, 1)
    assert log(hotline, "no message is recorded: 1 MB are free")
    assert len(log(hotline, "sounds go to")) == 1
    # What was heard was a voice, not the silence of a sound that is not there.
    for prompt in ("cannot_do", "thank_you"):
        first = words(prompt, "en", {})[0]
        assert hears(sound(first), caller.wav).score > ALIKE, prompt
    async with dial(KNOWN, play=voice) as caller:
        await caller.press("2")

        async def may_speak() -> Any:
            return await caller.has_heard("after_the_tone", 1)

        await until(may_speak)
        await asyncio.sleep(2)  # she speaks
        await caller.press("#")
        assert said(await caller.comes_to("menu"))[-1] == "thank_you"


async def test_sounds_that_are_deleted_or_cut_short_under_a_call_are_heard(
    hotline: Hotline, dial: Dial
) -> None:
    folders, is_over = [*shelves(hotline), *beside(hotline)], asyncio.Event()

    def sounds() -> list[Path]:
        return [path for folder in folders for path in folder.glob("*.alaw")]

    async def vandal() -> int:
        count = 0
        while not is_over.is_set():
            for path in sounds():
                count += 1
                path.unlink(missing_ok=True)
            await asyncio.sleep(0.05)
        return count

    numbers = [await hotline.customer("123.45", "2026-12-31") for _ in range(2)]
    async with dial(numbers[0]) as caller, dial(numbers[1]) as other:
        await asyncio.gather(caller.comes_to("menu"), other.comes_to("menu"))
        work = asyncio.create_task(vandal())
        await asyncio.gather(tells_all(caller, 2), tells_all(other, 2))
        is_over.set()
        assert await work >= 2
        await asyncio.gather(tells_all(caller, 1, 2), tells_all(other, 1, 2))
        await asyncio.gather(caller.comes_to("menu"), other.comes_to("menu"))
        cut = sounds()
        assert cut
        for path in cut:
            path.write_bytes(b"")
        await asyncio.gather(tells_all(caller, 1, 3), tells_all(other, 1, 3))
    first = sound(words("thank_you", "en", {})[0])
    for each in (caller, other):
        record = await each.record()
        assert record and {step["node"] for step in record["path"]} == {"menu", "balance", "told"}
        told = [heard for heard in record["heard"] if heard["prompt"] == "thank_you"]
        assert len(told) == 4
        for heard in told:
            assert (
                heard["to"] - heard["from"] > len(first) / 8
            )  # a sample is an eighth of a millisecond
        assert hears(first, each.wav).score > ALIKE
