"""Call files: what the switch is asked to do by a file in its own spool.

AMI could as well, but only for an account that may originate any call; whoever may write into the
switch's own spool owns it anyway.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4


def send(spool: Path, lines: Sequence[str], name: str = "") -> None:
    """Put a call file into the switch's spool, by a name of its own unless it has one.

    Raises OSError where it cannot be written.
    """
    # Aside and renamed: the switch takes a file as soon as it sees one.
    fresh = spool / f"{name or uuid4().hex}.call"
    try:
        fresh.write_text("\n".join((*lines, "")))
        fresh.replace(spool / "outgoing" / fresh.name)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
