"""What is kept of a call: where it went, which keys came, what was heard, how it ended.

It is written while the call lasts (`ivr/flow/logbook.py`), stored, and shown. Callers choose parts
of these texts (a caller id may be anything), so every text is made storable and bounded here, once:
no record is lost because of what is in it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

SECRET = "•"
ID_FORMAT = re.compile(r"[0-9A-Za-z._-]{1,100}")
LONGEST_TEXT = 2000
# A year in milliseconds: a clock that is set in the middle of a call may leap.
LONGEST_CALL = 366 * 24 * 3600 * 1000

# NUL and half surrogate pairs are refused by PostgreSQL and by UTF-8; a line break or an escape
# character in a caller id would forge a line of a log or colour a terminal, and a mark that turns
# the direction of writing would show another number than the one that called.
_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def storable(text: str) -> str:
    """Return a text as any database and terminal takes it, at most 2000 characters of it."""
    # Nothing that is printable is unfit; a pattern looks ten times as long.
    if len(text) <= LONGEST_TEXT and text.isprintable():
        return str(text)
    text = _UNFIT.sub("\ufffd", text[: LONGEST_TEXT + 1])
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def _fit(text: object) -> object:
    return storable(text) if isinstance(text, str) else text


def _fit_id(text: object) -> object:
    return re.sub(r"[^0-9A-Za-z._-]", "_", text[:100]) or "_" if isinstance(text, str) else text


def in_utc(at: datetime) -> datetime:
    """Return an aware moment as it is kept. Raises ValueError for a year without calls."""
    if not 1900 <= at.year < 3000:
        raise ValueError("no call was in this year")
    return at.astimezone(UTC)


Text = Annotated[str, BeforeValidator(_fit)]
CallId = Annotated[str, BeforeValidator(_fit_id)]
Moment = Annotated[AwareDatetime, AfterValidator(in_utc)]
Milliseconds = Annotated[int, Field(ge=0, le=LONGEST_CALL)]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Step(_Entry):
    """A stay at one node; `left` is None while the caller is still there."""

    node: Text
    entered: Moment
    left: Moment | None = None


class KeyPress(_Entry):
    """One key and the node that was current when it came; a secret key is `•`."""

    key: Text
    at: Moment
    node: Text


class Heard(_Entry):
    """One thing said: from when to when in milliseconds since the call began (JSON: from, to).

    `cut_at` is the index of the clip at which it was cut short, None when it was not.
    """

    prompt: Text | None
    text: Text
    language: Text
    speed: Text
    from_ms: Milliseconds = Field(validation_alias="from", serialization_alias="from")
    to_ms: Milliseconds = Field(validation_alias="to", serialization_alias="to")
    finished: bool
    cut_at: int | None = None
    node: Text


class Asked(_Entry):
    """One thing asked of the world for her, and when, in milliseconds since the call began.

    `what` is `lookup`, `queue`, `dial`, `record` …, `of` the look-up or the queue by its name.
    `outcome` is the kind of the answer (`found`, `unanswered` …), "" when she hung up or went
    elsewhere before it came; `left` that she hung up meanwhile. What a back end told of her is not
    kept. `by` is the agent who answered, `why` the reason of a failure. Of the milliseconds in a
    queue the last `talked_ms` were with an agent (JSON: talked); None where it is no queue.
    """

    what: Text
    of: Text = ""
    outcome: Text = ""
    by: Text = ""
    why: Text = ""
    left: bool = False
    from_ms: Milliseconds = Field(validation_alias="from", serialization_alias="from")
    to_ms: Milliseconds = Field(validation_alias="to", serialization_alias="to")
    talked_ms: Milliseconds | None = Field(
        default=None, validation_alias="talked", serialization_alias="talked"
    )
    node: Text


class CallRecord(_Entry):
    """One call, as it is stored and as the API shows it; `ended` is None while it lasts.

    `recalled` is the language she was known to speak from an earlier call, "" if none. `asked` is
    None in records older than it.

    A caller whom an agent passes on gets another record: `passed_to` is the number she was passed
    to; in the next one, `after` names this one, `passed_by` is the agent's number.

    Times are aware and turned into UTC. `speed` is like `90%`. Texts longer than 2000
    characters are cut, control characters become U+FFFD; in `id` whatever does not fit
    `ID_FORMAT` becomes `_`.
    """

    id: CallId
    caller: Text
    called: Text
    flow: Text
    version: Text
    language: Text
    speed: Text
    started: Moment
    ended: Moment | None = None
    path: tuple[Step, ...] = ()
    keys: tuple[KeyPress, ...] = ()
    heard: tuple[Heard, ...] = ()
    asked: tuple[Asked, ...] | None = None
    recalled: Text = ""
    after: Text = ""
    passed_by: Text = ""
    passed_to: Text = ""
    outcome: Text = ""
    why: Text = ""
