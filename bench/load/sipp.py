"""SIPp: found on the PATH or put beside the hotline's Asterisk, and run once for each load.

    python -m bench.load.sipp

Debian's stable releases have 3.6.1, which does not leak. Its packages are downloaded by apt-get,
which checks their signatures, and unpacked; the system is not touched.
"""

from __future__ import annotations

import asyncio
import csv
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ivr.errors import IvrError

PLACE = Path("~/.cache/ivr-hotline/sipp").expanduser()
# With the libraries that a system without SIPp may lack.
PACKAGES = ("sip-tester", "libpcap0.8", "libsctp1", "libgsl27", "libgslcblas0")
SCENARIO = Path(__file__).with_name("caller.xml")
ADVICE = "install it by the system's own means (apt-get install sip-tester) and start again"


@dataclass(frozen=True)
class Sipp:
    """A SIPp that runs here."""

    program: str
    libraries: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """What it is to be started with."""
        return {**os.environ, "TERM": "dumb"} | (
            {"LD_LIBRARY_PATH": self.libraries} if self.libraries else {}
        )

    @property
    def version(self) -> str:
        """What it says of itself; "" where it does not run."""
        try:
            done = subprocess.run(
                [self.program, "-v"], capture_output=True, env=self.environment, text=True
            )
        except OSError:
            return ""
        return next((w for w in done.stdout.split() if w.startswith("v")), "").partition("-")[0]


@dataclass(frozen=True)
class Placed:
    """What became of the calls of one load, by SIPp's own count."""

    calls: int
    answered: int
    failed: int
    retransmitted: int
    most_at_once: int


def sipp() -> Sipp:
    """Return a SIPp, downloading it where there is none. Raises IvrError, with what to do."""
    if there := shutil.which("sipp"):
        return Sipp(there)
    found = _unpacked()
    if not found.version:
        _download()
        found = _unpacked()
    if not found.version:
        raise IvrError(f"SIPp was downloaded to {PLACE} but does not run here; {ADVICE}")
    return found


def _unpacked() -> Sipp:
    libraries = ":".join(str(folder) for folder in sorted(PLACE.glob("root/usr/lib/*-linux-gnu*")))
    return Sipp(str(PLACE / "root/usr/bin/sipp"), libraries)


def _download() -> None:
    PLACE.mkdir(parents=True, exist_ok=True)
    try:
        _run(["apt-get", "download", *PACKAGES])
        for package in PLACE.glob("*.deb"):
            _run(["dpkg", "-x", package.name, "root"])
            package.unlink()
    except (OSError, subprocess.CalledProcessError) as fault:
        raise IvrError(f"SIPp cannot be downloaded ({fault}); {ADVICE}") from None


def _run(words: list[str]) -> None:
    subprocess.run(words, cwd=PLACE, check=True, capture_output=True)


async def place(
    program: Sipp,
    at: str,
    called: str,
    numbers: Iterable[str],
    *,
    ear: int,
    rate: float,
    seconds: float,
    calls: int,
) -> Placed:
    """Place so many calls, so many a second, each `seconds` long; their sound goes to `ear`."""
    with tempfile.TemporaryDirectory() as folder:
        callers = Path(folder) / "callers.csv"
        callers.write_text("SEQUENTIAL\n" + "".join(f"{number};\n" for number in numbers))
        statistics = Path(folder) / "statistics.csv"
        words = [program.program, at, "-sf", str(SCENARIO), "-inf", str(callers)]
        words += ["-s", called, "-i", "127.0.0.1", "-key", "ear", str(ear), "-r", f"{rate:g}"]
        words += ["-m", str(calls), "-l", str(max(calls, 1)), "-d", str(round(seconds * 1000))]
        words += ["-nostdin", "-trace_stat", "-stf", str(statistics), "-fd", "1"]
        words += ["-timeout", f"{round(calls / rate + seconds + 60)}s"]
        child = await asyncio.create_subprocess_exec(
            *words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env=program.environment,
            cwd=folder,
        )
        try:
            await child.wait()
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
        if not statistics.exists():
            raise IvrError(f"SIPp ended with {child.returncode} before it placed a call")
        return _read(statistics)


def _read(statistics: Path) -> Placed:
    with statistics.open(encoding="utf-8", newline="") as text:
        rows = list(csv.DictReader(text, delimiter=";"))
    last = rows[-1]
    return Placed(
        calls=int(last["TotalCallCreated"]),
        answered=int(last["SuccessfulCall(C)"]),
        failed=int(last["FailedCall(C)"]),
        retransmitted=int(last["Retransmissions(C)"]),
        most_at_once=max(int(row["CurrentCall"]) for row in rows),
    )


if __name__ == "__main__":
    from rich.console import Console

    Console().print(f"SIPp {sipp().version}")
