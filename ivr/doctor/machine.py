"""The machine: Asterisk, ports, room on disks, limits, the clock."""

from __future__ import annotations

import os
import resource
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ivr.doctor.finding import Finding, size, some, warning, well, wrong
from ivr.doctor.patient import Kept, Patient
from ivr.errors import IvrError
from ivr.running import claim
from ivr.switch.softswitch import OLDEST_TO_INSTALL, find, numbers, version_of

MEMORY = Path("/dev/shm")
# Bytes free under which there is a warning, and under which something is wrong.
DISK = (1_000_000_000, 200_000_000)
SOUNDS = (64_000_000, 16_000_000)
# On the switch a call with an agent takes two legs with two sockets of sound each, a connection to
# the controller, and for each leg a few pipes and timers; the rest is for phones and files.
FILES_PER_CALL = 12
FILES_BESIDE = 256


def asterisk(patient: Patient) -> Iterator[Finding]:
    """There is an Asterisk 22 that starts, with the modules we need and those of the codecs."""
    prefix = patient.settings.at(patient.settings.switch_prefix)
    anew = f"rm -r {prefix}; ivr prepare"
    found = find(prefix)
    if found is None and (prefix / "root").exists():
        yield wrong(f"the Asterisk in {prefix} is not whole", anew)
    elif found is None:
        yield wrong("there is no Asterisk", "ivr prepare")
    elif version_of(found.argv) is None:
        mend = anew if str(prefix) in found.argv[-1] else f"{found.argv[-1]} -V"
        yield wrong(f"{found.argv[-1]} does not start", mend)
    elif lacking := _lacking(found.modules, patient.settings.codecs):
        yield wrong(f"{found.modules} lacks {some(lacking)}", "codecs: [alaw, ulaw] in ivr.yaml")
    elif numbers(found.version) < OLDEST_TO_INSTALL:
        oldest = ".".join(map(str, OLDEST_TO_INSTALL))
        words = f"Asterisk {found.version} is older than {oldest}, which mended its known holes"
        yield warning(words, f"apt-get install asterisk, in which it is {oldest} or newer")
    else:
        yield well(f"Asterisk {found.version}")


def _lacking(modules: Path, codecs: tuple[str, ...]) -> list[str]:
    names = [f"codec_{codec}.so" for codec in codecs]
    return [name for name in names if not (modules / name).is_file()]


def ports(patient: Patient) -> Iterator[Finding]:
    """Ports are free, or the hotline that runs here has them; those of sound are enough."""
    settings = patient.settings
    trouble = ""
    if patient.live is None:
        try:
            claim.check_ports(settings)
        except IvrError as fault:
            trouble = str(fault)
    for line in trouble.splitlines():
        words, _, option = line.partition("; choose another with ")
        yield wrong(words, f"ivr up {option} PORT")
    if not trouble:
        yield well("held by the hotline here" if patient.live else "all free")
    if (room := settings.calls_at_once) < settings.most_calls:
        words = f"rtp_ports are enough for {room} calls with agents, so no more callers are let in"
        words += f"; most_calls is {settings.most_calls}"
        yield warning(words, "rtp_ports or most_calls in ivr.yaml")


def room(patient: Patient) -> Iterator[Finding]:
    """There is room for records and recordings, and in memory for composed sentences."""
    state = patient.settings.state
    there = next(path for path in (state, *state.parents) if path.exists())
    look = f"du -xah {there} | sort -h | tail"
    yield _room("disk of the state directory", there, DISK, look)
    if os.statvfs(there).f_files and not os.statvfs(there).f_favail:
        yield wrong("the disk of the state directory can hold no more files", look)
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK | os.X_OK):
        yield _room(str(MEMORY), MEMORY, SOUNDS, f"ls -lS {MEMORY}")
    else:
        words = f"{MEMORY} is not there or not ours; sentences are composed on disk, more slowly"
        yield warning(words, f"mount -t tmpfs -o mode=1777 tmpfs {MEMORY}")


def _room(name: str, path: Path, least: tuple[int, int], look: str) -> Finding:
    free = shutil.disk_usage(path).free
    words = f"{size(free)} free on the {name}" if path is not MEMORY else f"{size(free)} in {name}"
    if free < least[1]:
        return wrong(words, look)
    return warning(words, look) if free < least[0] else well(words)


def files(patient: Patient) -> Iterator[Finding]:
    """As many files may be open as the most calls at once take."""
    wanted = patient.settings.most_calls * FILES_PER_CALL + FILES_BESIDE
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if most == resource.RLIM_INFINITY or most >= wanted:
        yield well("no limit" if most == resource.RLIM_INFINITY else f"{most:,} may be open")
        return
    words = f"{most:,} may be open; {patient.settings.most_calls:,} calls take up to {wanted:,}"
    yield warning(words, f"LimitNOFILE={wanted} in the unit, or ulimit -Hn {wanted}")


def clock(patient: Patient) -> Iterator[Finding]:
    """The clock is not behind what was already written, and time zones are known."""
    newest = patient.kept.newest if isinstance(patient.kept, Kept) else None
    if newest and newest > patient.now + timedelta(minutes=1):
        words = f"the clock is behind: the last call began at {newest:%Y-%m-%d %H:%M} UTC"
        yield wrong(words, "timedatectl set-ntp true")
        return
    try:
        ZoneInfo("Asia/Shanghai")
    except (ZoneInfoNotFoundError, OSError):
        yield wrong("no time zones are known here", "apt-get install tzdata")
        return
    yield well(f"{patient.now.astimezone():%Y-%m-%d %H:%M %Z}")
