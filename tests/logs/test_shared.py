"""A log that two processes write."""

import logging
from pathlib import Path

from ivr.logs.shared import SharedLog


def record(text: str) -> logging.LogRecord:
    return logging.LogRecord("ivr", logging.INFO, __file__, 1, text, None, None)


def test_what_one_has_renamed_the_other_writes_no_more(tmp_path: Path) -> None:
    one, other = (SharedLog(tmp_path / "controller.log", most=100) for _ in range(2))
    try:
        other.emit(record("from the other"))
        for number in range(5):
            one.emit(record(f"{number} from the one, who fills it"))
        other.emit(record("from the other again"))
        one.emit(record("and both go on in one file"))
    finally:
        one.close()
        other.close()
    newest = (tmp_path / "controller.log").read_text()
    assert newest.splitlines()[-2:] == ["from the other again", "and both go on in one file"]
    assert len(list(tmp_path.iterdir())) == 3
