"""This instance on disk: its state directory, its secrets, its logs."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator

from ivr.doctor.finding import Finding, size, warning, well, wrong
from ivr.doctor.patient import Patient
from ivr.running.secrets import FILE

# `calls.db` is made private by whoever opens it.
PRIVATE = (FILE, "up.json", "draft.json")
# The largest of ours is 10 MB; Asterisk's four grow until somebody rotates them.
LARGEST_LOG = 100_000_000


def state(patient: Patient) -> Iterator[Finding]:
    """The state directory is ours, for nobody else, and can be written to."""
    folder = patient.settings.state
    if not folder.exists():
        parent = next(path for path in folder.parents if path.exists())
        if os.access(parent, os.W_OK | os.X_OK):
            yield well(f"{folder} is made at the first start")
        else:
            yield wrong(f"{folder} cannot be made in {parent}", "ivr up --state-dir FOLDER")
        return
    found = folder.stat()
    if found.st_uid != os.getuid():
        yield wrong(f"{folder} belongs to user {found.st_uid}", "ivr up --state-dir FOLDER")
    elif not os.access(folder, os.W_OK | os.X_OK):
        yield wrong(f"{folder} cannot be written to", f"chmod 700 {folder}")
    elif stat.S_IMODE(found.st_mode) & 0o077:
        yield wrong(f"others can get into {folder}", f"chmod 700 {folder}")
    else:
        yield well(f"{folder} is private")


def secrets(patient: Patient) -> Iterator[Finding]:
    """Passwords can be read by us and by nobody else."""
    folder = patient.settings.state
    there = [folder / name for name in PRIVATE if os.path.lexists(folder / name)]
    open_ = [path for path in there if stat.S_IMODE(path.stat().st_mode) & 0o077]
    for path in open_:
        yield wrong(f"others may read {path}", f"chmod 600 {path}")
    if (path := folder / FILE) not in there:
        yield well(f"{FILE} is made at the first start")
        return
    try:
        known = json.loads(path.read_bytes())
    except (OSError, ValueError):
        mend = f"ivr down{patient.here}; rm {path}; ivr up --detach{patient.here}"
        yield wrong(f"{path} cannot be read; phones need the passwords that are made anew", mend)
        return
    if not open_:
        yield well(f"{len(known)} passwords, for us alone")


def logs(patient: Patient) -> Iterator[Finding]:
    """No log has grown beyond measure."""
    folder = patient.settings.log
    sizes = {path: path.stat().st_size for path in folder.glob("*") if path.is_file()}
    large = [path for path, found in sizes.items() if found > LARGEST_LOG]
    for path in large:
        yield warning(f"{path} has {size(sizes[path])}", f"gzip -k {path}; truncate -s 0 {path}")
    if not large:
        yield well(f"{size(sum(sizes.values()))} in all")
