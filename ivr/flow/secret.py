"""What a caller types that is written nowhere and said by nobody."""

from __future__ import annotations

from dataclasses import dataclass, field

from ivr.flow.record import SECRET


@dataclass(frozen=True)
class Secret:
    """A value that shows itself to nobody: as text it is `•`, in whatever is logged or spoken.

    Only a look-up is told it, by `Call.confide`.
    """

    told: str = field(repr=False)

    def __str__(self) -> str:
        return SECRET
