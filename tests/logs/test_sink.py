"""A log that is written beside the work."""

import logging
import os
import threading
import time
from pathlib import Path

import pytest

from ivr.logs.shared import SharedLog
from ivr.logs.sink import LAST, Beside


def record(text: str) -> logging.LogRecord:
    return logging.LogRecord("ivr", logging.INFO, __file__, 1, text, None, None)


def test_all_is_there_in_its_order_when_it_is_closed(tmp_path: Path) -> None:
    log = Beside(lambda: SharedLog(tmp_path / "log"))
    for number in range(3000):
        log.emit(record(f"{number}: 100 %s"))
    log.close()
    log.close()
    lines = (tmp_path / "log").read_text().splitlines()
    assert lines == [f"{number}: 100 %s" for number in range(3000)]


def test_a_pipe_that_nobody_reads_keeps_nobody_waiting_and_what_is_lost_is_told(
    tmp_path: Path,
) -> None:
    pipe = tmp_path / "log"
    os.mkfifo(pipe)
    log = Beside(lambda: SharedLog(pipe), most=100)
    # Whoever waited for the pipe would wait for ever.
    for number in range(20_000):
        log.emit(record(f"{number} " + "x" * 100))
    read: list[str] = []

    def reading() -> None:
        with pipe.open() as lines:
            read.extend(lines)

    reader = threading.Thread(target=reading)
    reader.start()
    deadline = time.monotonic() + 10
    while not read and time.monotonic() < deadline:
        log.emit(record("somebody reads"))
        time.sleep(0.01)
        log.close()
    reader.join(10)
    assert not reader.is_alive()
    assert read[0].startswith("0 x")
    assert sum("lines before are lost" in line for line in read) >= 1


def test_the_end_does_not_wait_for_a_pipe_that_nobody_reads(tmp_path: Path) -> None:
    pipe = tmp_path / "log"
    os.mkfifo(pipe)
    log = Beside(lambda: SharedLog(pipe))
    log.emit(record("unread"))
    began = time.monotonic()
    log.close()
    assert time.monotonic() - began < LAST + 20
    assert pipe.read_text() == "unread\n"  # the thread may go


def test_a_log_that_cannot_be_opened_is_told_and_opened_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("ivr.logs.sink.AGAIN", 0.01)
    log = Beside(lambda: SharedLog(tmp_path / "folder" / "log"))
    log.emit(record("kept meanwhile"))
    deadline = time.monotonic() + 5
    while "there is no log" not in capfd.readouterr().err and time.monotonic() < deadline:
        time.sleep(0.01)
    (tmp_path / "folder").mkdir()
    log.close()
    assert (tmp_path / "folder" / "log").read_text() == "kept meanwhile\n"


def test_a_fault_keeps_its_trace(tmp_path: Path) -> None:
    log = Beside(lambda: SharedLog(tmp_path / "log"))
    try:
        raise KeyError("x")
    except KeyError:
        whole = logging.LogRecord("ivr", logging.ERROR, __file__, 1, "a fault", None, None)
        whole.exc_info = __import__("sys").exc_info()
    log.emit(whole)
    log.close()
    assert "KeyError: 'x'" in (tmp_path / "log").read_text()
