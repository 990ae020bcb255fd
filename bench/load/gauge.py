"""What a process costs: processor time, memory, threads, open files, from /proc."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    """One process at one moment: seconds of processor time until then, and what it holds."""

    seconds: float
    kilobytes: int
    threads: int
    files: int


NOTHING = Cost(0.0, 0, 0, 0)


def cost(pid: int) -> Cost:
    """Look at a process; 0 is none."""
    if not pid:
        return NOTHING
    place = Path(f"/proc/{pid}")
    # Behind the name, which may hold anything, in parentheses: state is the first field.
    fields = (place / "stat").read_text().rpartition(")")[2].split()
    status = dict(
        line.split(":", 1) for line in (place / "status").read_text().splitlines() if ":" in line
    )
    return Cost(
        seconds=(int(fields[11]) + int(fields[12])) / _TICK,
        kilobytes=int(status["VmRSS"].split()[0]),
        threads=int(status["Threads"]),
        files=len(list((place / "fd").iterdir())),
    )


def dropped(port: int) -> int:
    """Return how many UDP packets the kernel dropped before whoever listens at a port read them."""
    mine = f":{port:04X}"
    rows = [line.split() for line in Path("/proc/net/udp").read_text().splitlines()[1:]]
    return sum(int(row[-1]) for row in rows if row[1].endswith(mine))


def listens(port: int, protocol: str) -> bool:
    """Whether somebody listens at a port of tcp or udp; nobody is disturbed by the question."""
    mine = f":{port:04X}"
    state = {"tcp": "0A", "udp": "07"}[protocol]
    rows = [line.split() for line in Path(f"/proc/net/{protocol}").read_text().splitlines()[1:]]
    return any(row[1].endswith(mine) and row[3] == state for row in rows)


def machine() -> dict[str, str]:
    """Return what the figures of this machine depend on; not its name."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), ""
    )
    memory = int(Path("/proc/meminfo").read_text().split()[1]) / 1e6
    return {
        "processor": model.strip() or os.uname().machine,
        "processors": str(os.cpu_count()),
        "memory": f"{memory:.0f} GB",
        "kernel": os.uname().release.partition("-")[0],
    }
