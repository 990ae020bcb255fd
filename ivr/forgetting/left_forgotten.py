"""What the switch still keeps of calls that nobody led at their end, deleted by a caller's number.

It keeps them until a controller has written the records down (`ivr/takeover/left_journals.py`):
for seconds, or for as long as there is none. While the switch runs it is asked itself: whoever
reads or writes its file beside it may make it lose what it was about to write
(ast_db_commit_transaction, db.c).
"""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from ivr.errors import IvrError
from ivr.flow.left import Left
from ivr.flow.opening import Opening
from ivr.flow.packing import Unreadable
from ivr.takeover.left_journals import FAMILY

# The switch writes its file each second.
_PATIENCE = 5.0
_SHOWN = re.compile(rf"^/{FAMILY}/([0-9A-Za-z.-]+) *: (.*)$", re.M)


def forget(file: Path, number: str, console: Callable[[str], str] | None) -> list[str]:
    """Delete what the switch keeps of a caller; return the ids of her calls.

    `file` is its database; `console` asks the switch that runs, None where none does. Raises
    IvrError where it does not do it.
    """
    if not file.exists():
        return []
    return _by_switch(file, number, console) if console else _in_file(file, number)


def _by_switch(file: Path, number: str, console: Callable[[str], str]) -> list[str]:
    shown = _SHOWN.findall(console(f"database show {FAMILY}"))
    hers = {name: id for name, kept in shown if (id := _hers(kept, number))}
    for name in hers:
        console(f"database del {FAMILY} {name}")
    deadline = time.monotonic() + _PATIENCE
    while any(f"/{FAMILY}/{name}".encode() in file.read_bytes() for name in hers):
        if time.monotonic() > deadline:
            raise IvrError(f"the switch has not written {file} anew; forget her again")
        time.sleep(0.1)
    return list(hers.values())


def _in_file(file: Path, number: str) -> list[str]:
    try:
        with closing(sqlite3.connect(file)) as database, database:
            # What is deleted is overwritten.
            database.execute("PRAGMA secure_delete = ON")
            rows = database.execute("SELECT key, value FROM astdb").fetchall()
            hers = {
                key: id
                for key, kept in rows
                if key.startswith(f"/{FAMILY}/") and (id := _hers(kept, number))
            }
            database.executemany("DELETE FROM astdb WHERE key = ?", [(key,) for key in hers])
    except sqlite3.Error as fault:
        raise IvrError(f"{file} cannot be written: {fault}") from None
    return list(hers.values())


def _hers(kept: str, number: str) -> str:
    """Return the id of the call that is kept, if it is of this number; else ""."""
    try:
        opening, _ = Opening.read(Left.read(kept).texts[0])
    except (Unreadable, IndexError):  # nobody can read it, and the next controller throws it away
        return ""
    return opening.caller.id if opening.caller.number == number else ""
