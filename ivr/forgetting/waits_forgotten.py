"""What a controller has left of those who wait in a queue (`ivr/line/waits.py`), by their number.

The next one takes them away as it starts; where none does, they stay.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError

from ivr.flow.opening import Opening
from ivr.flow.packing import Unreadable
from ivr.line.waits import Wait


def forget(folder: Path, number: str) -> list[str]:
    """Delete what is kept of a caller while no controller leads her; return the ids of her calls.

    What nobody can read, as half a file, may be hers and goes as well. Raises OSError.
    """
    ids: list[str] = []
    for path in folder.glob("*"):
        with suppress(FileNotFoundError):  # a controller that starts has taken it away
            whose = _number(path.read_bytes())
            if whose == number:
                ids.append(path.stem)
            if whose in (number, None):
                path.unlink()
    return ids


def _number(kept: bytes) -> str | None:
    """Return of which number a wait is; None for what nobody can read."""
    try:
        opening, _ = Opening.read(Wait.model_validate_json(kept).texts[0])
    except (Unreadable, ValidationError, IndexError):
        return None
    return opening.caller.number
