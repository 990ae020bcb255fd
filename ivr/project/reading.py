"""Files that people write, read with care: whatever lies there, there is a text or a problem.

Nothing here hangs on a pipe, reads a device, or takes more into memory than a file may have.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from ivr.errors import Problem, Where
from ivr.flow.source import LONGEST_FILE, Wrong

# A character of UTF-8 has four bytes at most; how many there are is for who reads the text.
MOST_BYTES = 4 * LONGEST_FILE


def text(file: Path, name: str, tree: Path) -> tuple[str, Problem | None]:
    """Return the text of a file, or "" and what is wrong with it.

    `name` is what messages call the file. A link must end below `tree`, or below the folder that
    it stands in: what is published and checked is what lies there, and nothing of the machine
    around it.
    """
    try:
        content = _content(file, tree)
    except Wrong as wrong:
        return "", Problem(Where(name), str(wrong), wrong.rule)
    except (OSError, RuntimeError) as fault:  # RuntimeError: a circle of links, before Python 3.13
        reason = getattr(fault, "strerror", None) or "the link leads to itself"
        return "", Problem(Where(name), reason, "unreadable")
    try:
        return content.decode("utf-8-sig"), None
    except UnicodeDecodeError as fault:
        before = content[: fault.start].decode(errors="replace")
        where = Where(name, before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1)
        return "", Problem(where, f"not UTF-8 text{_looks_like(content)}", "unreadable")


def _content(file: Path, tree: Path) -> bytes:
    """Return the bytes of a file; raises Wrong or OSError where it is not fit to be read."""
    if file.is_symlink():
        ends = file.resolve()
        if not any(ends.is_relative_to(each.resolve()) for each in (tree, file.parent)):
            raise Wrong(
                "this link leads out of the project; put the file itself here", "unreadable"
            )
        if not ends.exists():
            raise Wrong(
                f"this link leads to '{os.readlink(file)}', which is not there", "unreadable"
            )
    # Without O_NONBLOCK the opening of a pipe waits for who writes into it.
    handle = os.open(file, os.O_RDONLY | os.O_NONBLOCK)
    with os.fdopen(handle, "rb") as opened:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise Wrong("a file is expected here; this is something else", "unreadable")
        content = opened.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            size = os.fstat(handle).st_size
            limit = f"the file has {size:,} bytes; at most {MOST_BYTES:,} are read"
            raise Wrong(limit, "too-large")
    return content


def _looks_like(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "; it looks like UTF-16: save it as UTF-8"
    with suppress(UnicodeDecodeError):
        content.decode("gb18030")
        return "; it looks like GBK: save it as UTF-8"
    return "; save it as UTF-8"
