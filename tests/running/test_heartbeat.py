"""Heartbeats and the watchdog: processes that live, stop, block and go."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from ivr.meanwhile import meanwhile
from ivr.running import heartbeat
from ivr.running.heartbeat import Watchdog
from tests.calls.hotline import until

# Beats; on a line of its input its loop is blocked for good.
LIVES = """
import asyncio, sys, time
from pathlib import Path
from ivr.running.heartbeat import beat
async def live():
    asyncio.get_running_loop().add_reader(sys.stdin, time.sleep, 60)
    await beat(Path(sys.argv[1]))
asyncio.run(live())
"""


STOPS_ITS_PARENT = """
import os, signal, time
os.kill(os.getppid(), signal.SIGSTOP)
time.sleep(1.5)
os.kill(os.getppid(), signal.SIGCONT)
"""


@contextmanager
def living(state: Path) -> Iterator[subprocess.Popen[bytes]]:
    words = [sys.executable, "-c", LIVES, str(state)]
    with subprocess.Popen(words, stdin=subprocess.PIPE) as child:
        try:
            yield child
        finally:
            child.kill()


@asynccontextmanager
async def watching(state: Path, watcher: str = "up") -> AsyncIterator[Watchdog]:
    watchdog = Watchdog(state, watcher)
    async with meanwhile(watchdog.watch(), "watchdog"):
        yield watchdog


async def heard(watchdog: Watchdog, pid: int) -> None:
    async def is_heard() -> bool:
        return watchdog.pid == pid

    await until(is_heard)


async def ended(child: subprocess.Popen[bytes]) -> int:
    async def has_ended() -> bool:
        return child.poll() is not None

    await until(has_ended)
    return child.returncode


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its looks come sooner; the beats of the other process do not, so that more are missed."""
    monkeypatch.setattr(heartbeat, "BEAT", 0.05)
    monkeypatch.setattr(heartbeat, "MOST_MISSED", 20)


@pytest.mark.parametrize("harm", ["stopped", "blocked"])
async def test_who_does_not_stir_is_ended(
    tmp_path: Path, harm: str, caplog: pytest.LogCaptureFixture
) -> None:
    with living(tmp_path) as child:
        async with watching(tmp_path) as watchdog, watching(tmp_path, "standby"):
            await heard(watchdog, child.pid)
            if harm == "stopped":
                child.send_signal(signal.SIGSTOP)
            else:
                assert child.stdin
                child.stdin.write(b"\n")
                child.stdin.flush()
            assert await ended(child) == -signal.SIGKILL
    assert f"controller {child.pid} has not stirred" in caplog.text


async def test_who_beats_lives_and_who_has_gone_is_followed_by_the_next(tmp_path: Path) -> None:
    with living(tmp_path) as first, living(tmp_path / "another"):
        async with watching(tmp_path) as watchdog:
            await heard(watchdog, first.pid)
            await asyncio.sleep(1.5)
            assert first.poll() is None
            first.terminate()
            await heard(watchdog, 0)
            with living(tmp_path) as second:
                await heard(watchdog, second.pid)


async def test_a_watcher_that_was_stopped_itself_ends_nobody(tmp_path: Path) -> None:
    with living(tmp_path) as child:
        async with watching(tmp_path) as watchdog:
            await heard(watchdog, child.pid)
            # Nothing of this process runs for longer than it would wait for a beat.
            pause = await asyncio.create_subprocess_exec(sys.executable, "-c", STOPS_ITS_PARENT)
            await pause.wait()
            await asyncio.sleep(0.5)
            assert child.poll() is None


async def test_two_watchers_of_one_name_are_one(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with watching(tmp_path):
        await asyncio.sleep(0)
        await asyncio.wait_for(Watchdog(tmp_path, "up").watch(), 10)
    assert "nobody is watched from here" in caplog.text
