"""Files that are written whole or not at all."""

import os
import random
import signal
import stat
import time
from pathlib import Path

import pytest

from ivr.switch.files import put
from tests.speech.disk import full_disk


def test_what_is_put_is_its_owners_alone_and_replaces_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / "kept"
    put(file, "one")
    put(file, "余额")
    assert file.read_text() == "余额" and stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_whoever_is_killed_while_writing_leaves_a_whole_file(tmp_path: Path) -> None:
    file, texts = tmp_path / "kept", ["a" * 300_000, "b" * 300_000]
    put(file, texts[0])
    chance = random.Random(6)
    for _ in range(50):
        child = os.fork()
        if child == 0:
            try:
                while True:
                    for text in texts:
                        put(file, text)
            finally:
                os._exit(1)
        time.sleep(chance.uniform(0, 0.01))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        assert file.read_text() in texts
    put(file, "and the next one is not hindered")
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_a_full_disk_leaves_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / "kept"
    put(file, "before")
    with full_disk(1000), pytest.raises(OSError):
        put(file, "x" * 5000)
    assert file.read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
