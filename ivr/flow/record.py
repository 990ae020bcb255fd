"""What is kept of a call: where it went, which keys came, what was heard, how it ended.

A `Logbook` is written while the call lasts; `closed` makes the `CallRecord` that is stored and
shown. Callers choose parts of these texts (a caller id may be anything), so every text is made
storable and bounded here, once: no record is lost because of what is in it.
"""

from __future__ import annotations

import hashlib
import re
from collections import deque
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

SECRET = "•"
ID_FORMAT = re.compile(r"[0-9A-Za-z._-]{1,100}")
LONGEST_TEXT = 2000
MOST_ENTRIES = 1000
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


def _utc(at: datetime) -> datetime:
    if not 1900 <= at.year < 3000:
        raise ValueError("no call was in this year")
    return at.astimezone(UTC)


Text = Annotated[str, BeforeValidator(_fit)]
CallId = Annotated[str, BeforeValidator(_fit_id)]
Moment = Annotated[AwareDatetime, AfterValidator(_utc)]
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


class Logbook:
    """The record of one call in the making. Moments are aware and are given by the one who writes.

    `language` and `speed` are those of the call just now; set them when they change, and
    `passed_to` when she is passed on. Of steps,
    keys, things heard and things asked the newest 1000 each are kept, so a phone that is stuck
    on a key for a day fills no memory.
    """

    def __init__(
        self,
        *,
        id: str,
        caller: str,
        called: str,
        flow: str,
        version: str,
        started: datetime,
        language: str = "",
        speed: str = "100%",
        recalled: str = "",
        after: str = "",
        passed_by: str = "",
    ) -> None:
        self.language = language
        self.speed = speed
        self.passed_to = ""
        # How often something was written down.
        self.lines = 0
        self._opening = CallRecord(
            id=id,
            caller=caller,
            called=called,
            flow=flow,
            version=version,
            language=language,
            speed=speed,
            started=started,
            recalled=recalled,
            after=after,
            passed_by=passed_by,
        )
        self._path: deque[Step] = deque(maxlen=MOST_ENTRIES)
        self._keys: deque[KeyPress] = deque(maxlen=MOST_ENTRIES)
        self._heard: deque[Heard] = deque(maxlen=MOST_ENTRIES)
        self._asked: deque[Asked] = deque(maxlen=MOST_ENTRIES)

    @property
    def id(self) -> str:
        """The name of the record."""
        return self._opening.id

    @property
    def node(self) -> str:
        """The node the caller is at, empty before the first and between two."""
        return self._path[-1].node if self._path and self._path[-1].left is None else ""

    def entered(self, node: str, at: datetime) -> None:
        """Note that the call came to `node`; the stay before it, if still open, ends here."""
        self.left(at)
        self.lines += 1
        self._path.append(Step(node=node, entered=at))

    def left(self, at: datetime) -> None:
        """Note that the call left the node it was at; nothing happens when it was at none."""
        if self.node:
            step = self._path.pop()
            self._path.append(Step(node=step.node, entered=step.entered, left=at))

    def key(self, key: str, at: datetime, *, secret: bool = False) -> None:
        """Note a key; a secret one is forgotten at once and only its place is kept."""
        self.lines += 1
        self._keys.append(KeyPress(key=SECRET if secret else key, at=at, node=self.node))

    def heard(
        self,
        text: str,
        *,
        began: datetime,
        ended: datetime,
        prompt: str | None = None,
        language: str | None = None,
        speed: str | None = None,
        cut_at: int | None = None,
    ) -> None:
        """Note what was said between two moments; the call's language and speed unless given.

        `cut_at` is the index of the clip at which it was cut short; None: heard to its end.
        """
        self.lines += 1
        self._heard.append(
            Heard(
                prompt=prompt,
                text=text,
                language=self.language if language is None else language,
                speed=self.speed if speed is None else speed,
                from_ms=self._since_start(began),
                to_ms=self._since_start(ended),
                finished=cut_at is None,
                cut_at=cut_at,
                node=self.node,
            )
        )

    def asked(
        self,
        errand: tuple[str, str],
        outcome: str,
        *,
        began: datetime,
        ended: datetime,
        by: str = "",
        why: str = "",
        left: bool = False,
        talked: float | None = None,
        node: str | None = None,
    ) -> None:
        """Note what was asked of the world between two moments, and what came of it.

        `talked` are seconds. `node` is the one that asked, unless the caller is still there.
        """
        self.lines += 1
        self._asked.append(
            Asked(
                what=errand[0],
                of=errand[1],
                outcome=outcome,
                by=by,
                why=why,
                left=left,
                from_ms=self._since_start(began),
                to_ms=self._since_start(ended),
                talked_ms=None if talked is None else min(round(talked * 1000), LONGEST_CALL),
                node=self.node if node is None else node,
            )
        )

    def key_of(self, *what: object) -> str:
        """Return a key that this has in this call, and nothing in another.

        Two switches may name two channels alike, and not begin their calls in one microsecond.
        """
        told = repr((self._opening.id, self._opening.started.isoformat(), *what))
        return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:32]

    def so_far(self) -> CallRecord:
        """Return the record of a call that still lasts."""
        return self._opening.model_copy(
            update={
                "language": self.language,
                "speed": self.speed,
                "passed_to": storable(self.passed_to),
                "path": tuple(self._path),
                "keys": tuple(self._keys),
                "heard": tuple(self._heard),
                "asked": tuple(self._asked),
            }
        )

    def closed(self, outcome: str, why: str, at: datetime) -> CallRecord:
        """Return the finished record: what became of the call, and why it ended."""
        self.left(at)
        end = {"outcome": storable(outcome), "why": storable(why), "ended": _utc(at)}
        return self.so_far().model_copy(update=end)

    def _since_start(self, at: datetime) -> int:
        passed = (at - self._opening.started) // timedelta(milliseconds=1)
        return min(max(0, passed), LONGEST_CALL)
