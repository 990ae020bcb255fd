"""Words with a time: `answers after 20s`, as authors write what happens and when."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ivr.errors import nearest
from ivr.flow.fields import Seconds
from ivr.flow.source import Wrong

_SECONDS = TypeAdapter[float](Seconds)


def timed(value: Any, words: Collection[str]) -> tuple[str, float]:
    """Read `word`, or `word after 5s`; return the word and the seconds. Raises Wrong."""
    found = re.fullmatch(r"(.*?)(?: after (\S+))?", value) if isinstance(value, str) else None
    if not found or found[1] not in words:
        shown, known = str(value)[:60], ", ".join(words)
        near = nearest(found[1] if found else shown, words)
        raise Wrong(
            f"one of {known} is expected here, such as '{next(iter(words))} after 5s'"
            f"; this is '{shown}'{near}"
        )
    return found[1], seconds(found[2]) if found[2] else 0.0


def seconds(text: str) -> float:
    """Read a time with its unit, such as 5s. Raises Wrong."""
    try:
        return _SECONDS.validate_python(text)
    except ValidationError as fault:
        raise fault.errors()[0]["ctx"]["error"] from None
