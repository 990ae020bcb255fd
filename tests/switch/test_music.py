import math
import os
import struct
from pathlib import Path

import pytest

from ivr.switch.music import build
from ivr.switch.softswitch import SwitchError


def loudness(samples: tuple[int, ...]) -> float:
    """Return the mean level in dB under full scale."""
    return 10 * math.log10(max(1, sum(one * one for one in samples)) / len(samples) / 32768**2)


def test_it_is_half_a_minute_of_calm(tmp_path: Path) -> None:
    music = build(tmp_path / "music")
    assert music.stat().st_size == 30 * 8000 * 2
    raw = music.read_bytes()
    samples = struct.unpack(f"<{len(raw) // 2}h", raw)
    assert -35 < loudness(samples) < -20
    assert max(map(abs, samples)) < 0.4 * 32768
    # Every chord is heard: no bar is silent, and each ends softer than it begins.
    for bar in range(8):
        start = int(bar * 3.75 * 8000)
        assert loudness(samples[start : start + 16_000]) > -35
        assert loudness(samples[start + 29_600 : start + 30_000]) < -33


def test_it_is_built_once(tmp_path: Path) -> None:
    music = build(tmp_path)
    os.utime(music, (1, 1))
    (tmp_path / "waiting.alaw").touch()  # of an older version
    assert build(tmp_path).stat().st_mtime == 1
    assert [path.name for path in tmp_path.iterdir()] == ["waiting.sln"]


def test_without_sox_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SwitchError, match="apt-get install sox"):
        build(tmp_path / "music")
    monkeypatch.setenv("PATH", _failing(tmp_path))
    with pytest.raises(SwitchError, match="no such effect"):
        build(tmp_path / "music")
    assert not list((tmp_path / "music").iterdir())


def _failing(place: Path) -> str:
    sox = place / "sox"
    sox.write_text("#!/bin/sh\necho no such effect >&2\nexit 2\n")
    sox.chmod(0o755)
    return f"{place}:/usr/bin:/bin"
