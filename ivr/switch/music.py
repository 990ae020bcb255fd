"""Music for those who wait: half a minute of calm plucked chords, made by sox."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from ivr.switch.softswitch import SwitchError

# I, vi, IV, V in G, each note of a chord a little after the other, like a guitar's strings.
CHORDS = (
    ("G2", "D3", "G3", "B3", "D4"),
    ("E2", "B2", "E3", "G3", "B3"),
    ("C3", "G3", "C4", "E4", "G4"),
    ("D3", "A3", "D4", "Gb4", "A4"),
)
ROUNDS = 2
SECONDS_PER_CHORD = 3.75
SECONDS_BETWEEN_STRINGS = 0.32
# sox plucks at 44.1 kHz or more only; a string rings out in some three seconds.
SECONDS_PER_STRING = 2.9
# Peaks at -12 dB put the mean near -27 dBFS: well under a voice, over the noise of a line.
PEAK = "-12"


def build(directory: Path) -> Path:
    """Return the music in `directory` (8 kHz, 16 bit, 30 s, a loop), made there if it is missing.

    Linear, not in the codec of a line: a recorder takes A-law with the number of its packet, which
    music has none of (docs/decisions/0022). Raises SwitchError when sox is missing or fails.
    """
    music = directory / "waiting.sln"
    # Of a version that played this one: Asterisk plays every file of the directory.
    (directory / "waiting.alaw").unlink(missing_ok=True)
    if music.is_file():
        return music
    program = shutil.which("sox")
    if program is None:
        raise SwitchError("sox is not installed; run: apt-get install sox")
    directory.mkdir(parents=True, exist_ok=True)
    # Asterisk plays every file of the directory, so a half-made one must not lie there.
    fresh = directory.parent / f".{directory.name}-{os.getpid()}.sw"
    try:
        _compose(program, fresh)
        fresh.replace(music)
    finally:
        fresh.unlink(missing_ok=True)
    return music


def _compose(program: str, target: Path) -> None:
    bars = []
    for chord in CHORDS * ROUNDS:
        strings = [word for note in chord for word in ("pluck", note)]
        delays = [f"{number * SECONDS_BETWEEN_STRINGS:.2f}" for number in range(len(chord))]
        bar = ["-n", "-p", "synth", str(SECONDS_PER_STRING), *strings, "delay", *delays]
        bar += ["remix", "-", "fade", "t", "0.01", str(SECONDS_PER_CHORD), "0.6"]
        bars.append(f"|{' '.join([program, '-r', '44100', '-R', *bar])}")
    telephone = ["reverb", "30", "highpass", "150", "lowpass", "3200", "norm", PEAK]
    # The ending alone tells sox no codec it writes raw: say it.
    form = ["-t", "raw", "-e", "signed", "-b", "16", "-L", "-r", "8000", "-c", "1"]
    done = subprocess.run(
        [program, "-R", *bars, *form, str(target), *telephone],
        capture_output=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode != 0:
        words = done.stderr.decode("utf-8", "replace").strip()
        raise SwitchError(f"sox could not make the music for those who wait: {words[-300:]}")
