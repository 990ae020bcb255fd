"""What a flow may ask of the world: a closed set.

A node is a coroutine that may await only these. Awaiting one hands it to whoever drives the
session (`ivr/line/world.py`), which performs it in a world and sends the answer back. No effect
raises for what callers, agents or back ends do: each answer type has its failures in it.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

from ivr.flow.announcement import Announcement
from ivr.flow.outlook import Outlook
from ivr.flow.services import Failed, Found, Missing
from ivr.flow.speech import Utterance

Answer = TypeVar("Answer")

QueueOutcome = Literal["answered", "unanswered", "closed", "full", "left"]
DialOutcome = Literal["answered", "busy", "unanswered", "failed"]


class Effect(Generic[Answer]):
    """Something asked of the world; awaiting it gives the world's answer."""

    @property
    def errand(self) -> tuple[str, str] | None:
        """What the record calls it, and whom it asks; None for what is between her and us.

        Never anything of the caller's: no number, no argument.
        """
        return None

    def __await__(self) -> Generator[Effect[Answer], Answer, Answer]:
        return (yield self)


@dataclass(frozen=True)
class Announced(Effect[tuple[Announcement, ...]]):
    """Tell what is announced at a place just now, the oldest first. It takes no time."""

    place: str


@dataclass(frozen=True)
class Heard:
    """What became of a `Play`: the keys pressed, and the item being spoken when it ended.

    `reached` is the index of that item, and the length of the utterance when all was said;
    `word` the index of the word (in Chinese, the character) being spoken of its text, 0 also
    where that is not known.
    """

    keys: str
    reached: int
    word: int = 0


@dataclass(frozen=True)
class Play(Effect[Heard]):
    """Say an utterance from item `begin` on, at a speed in percent; any key ends it.

    Keys that were pressed before and not yet reported end it before it begins. `takes` are the
    keys that do something while it is said: those of `anywhere`, and of a question its own;
    `prompt` is the one it is said for.
    """

    utterance: Utterance
    speed: int
    begin: int = 0
    takes: frozenset[str] = frozenset()
    prompt: str = ""


@dataclass(frozen=True)
class Listen(Effect[str]):
    """Wait for a key for so many seconds; answers the keys pressed, or "" for silence.

    Who `rests` is not asked anything: she hears the music of her wait. Of several keys that are
    `wanted` a line may wait for all, each for so many seconds, until `#`, or answer with the first.
    """

    seconds: float
    rests: bool = False
    wanted: int = 1


@dataclass(frozen=True)
class Recorded:
    """A recording: its file name in the recordings' folder, its length, the key that ended it."""

    file: str
    seconds: float
    silent: bool


@dataclass(frozen=True)
class Record(Effect[Recorded]):
    """Beep, then record until `#`, until so many seconds of silence, or until `longest`.

    A message of this call that it is recorded `instead` of is deleted, unless this one is silent.
    """

    longest: float
    silence: float
    instead: str = ""

    @property
    def errand(self) -> tuple[str, str]:
        """A recording."""
        return "record", ""


@dataclass(frozen=True)
class PlayBack(Effect[str]):
    """Play a message that was recorded in this call; answers the keys that ended it.

    `file` is a name that `Record` answered with.
    """

    file: str


@dataclass(frozen=True)
class Waiting:
    """The back end has not answered yet."""


@dataclass(frozen=True)
class LookUp(Effect[Found | Missing | Failed | Waiting]):
    """Ask a back end, waiting `patience` seconds at the most for the answer.

    `Waiting` means the question goes on; with `still` it is waited for again. A question that
    is not `still` the last one is a new one, and whatever was asked before is called off. By its
    `key` a back end knows one that it is asked twice, by another controller too.
    """

    name: str
    # A secret may be among them; nobody prints an effect with it.
    arguments: Mapping[str, str] = field(repr=False)
    patience: float
    still: bool = False
    key: str = field(default="", repr=False)

    @property
    def errand(self) -> tuple[str, str]:
        """A look-up by its name."""
        return "lookup", self.name


@dataclass(frozen=True)
class Queued:
    """How a wait in a queue ended; `agent` is who answered, if somebody did.

    `left` tells that the caller hung up, waiting or talking; the outcome `left`, that she went
    elsewhere. `talked` are the seconds they talked.
    `passed_by` is the number of the agent who asked another one, and then had the caller take her
    place; who that other is, is not known.
    """

    outcome: QueueOutcome
    agent: str = ""
    left: bool = False
    talked: float = 0.0
    passed_by: str = ""


@dataclass(frozen=True)
class Staying:
    """She waits, and what is asked now is done while she waits, until an `EndWait`."""


@dataclass(frozen=True)
class Interrupted:
    """Answers whatever is asked while she waits when the wait is over.

    `answer` is as far as it came: the keys in it are hers.
    """

    answer: Any = None


@dataclass(frozen=True)
class Enqueue(Effect[Queued | Staying]):
    """Put the caller into an agents' queue for `longest` seconds at the most.

    An agent who has the `skills`, where somebody there has. Her phone shows the language and the
    path; these and the speed, in percent, go along when she passes the caller on. She counts as if
    she had come `sooner` by so many seconds. `recorded` tells that their talk is to be recorded,
    `knows_recorded` that she was told of it.

    The answer comes when it is all over; where she `stays` in our hands, at once, as `Staying`.
    """

    queue: str
    longest: float
    language: str
    path: tuple[str, ...]
    skills: tuple[str, ...] = ()
    speed: int = 100
    stays: bool = False
    sooner: float = 0.0
    recorded: bool = False
    knows_recorded: bool = False

    @property
    def errand(self) -> tuple[str, str]:
        """A wait in a queue."""
        return "queue", self.queue


@dataclass(frozen=True)
class EndWait(Effect[Queued]):
    """Tell how the wait of a caller who stays has ended, once it has.

    One who `leaves` gives her place up for it, unless an agent has been quicker.
    """

    leaves: bool = False


@dataclass(frozen=True)
class LookAhead(Effect[Outlook | None]):
    """Tell what is known of the wait ahead of a caller who stays. It takes no time."""


@dataclass(frozen=True)
class Dial(Effect[DialOutcome]):
    """Ring one number for `longest` seconds and connect the caller to it."""

    number: str
    longest: float

    @property
    def errand(self) -> tuple[str, str]:
        """A number rung; which one is not told."""
        return "dial", ""


@dataclass(frozen=True)
class Send(Effect[bool | Waiting]):
    """Send a text message; answers whether it was taken for delivery.

    However often it is tried, and whether or not answers are lost, it is delivered once at most.
    `patience`, `still` and `key` are those of a `LookUp`.
    """

    to: str = field(repr=False)
    text: str = field(repr=False)
    language: str
    patience: float
    still: bool = False
    key: str = field(default="", repr=False)

    @property
    def errand(self) -> tuple[str, str]:
        """A message sent."""
        return "send", ""


@dataclass(frozen=True)
class Offered:
    """Somebody would call back until `until`, as in `Booked`; nothing is promised yet.

    `number` is hers as it would be dialled, "" where nobody is called there.
    """

    until: datetime
    number: str = field(default="", repr=False)


@dataclass(frozen=True)
class Booked:
    """Somebody calls back until `until`, which is aware, on a whole minute, in the desk's zone."""

    until: datetime


@dataclass(frozen=True)
class Refused:
    """Nobody is called at this number. `reason` is for the log and holds no number."""

    reason: str


@dataclass(frozen=True)
class Impossible:
    """No time can be promised. `reason` is for the log and holds no number."""

    reason: str


@dataclass(frozen=True)
class Book(Effect[Offered | Booked | Refused | Impossible]):
    """Have the caller called back by an agent of a queue who has the skills, at her speed.

    With no number it is only asked which time would be promised, and whether she could be called at
    `hers`; nothing is kept. Of one call one booking is kept: a second takes the place of the first.
    """

    queue: str
    number: str = field(repr=False)
    language: str
    skills: tuple[str, ...] = ()
    speed: int = 100
    hers: str = field(default="", repr=False)

    @property
    def errand(self) -> tuple[str, str]:
        """A call back by the agents of a queue."""
        return "callback", self.queue


@dataclass(frozen=True)
class HangUp(Effect[None]):
    """End the call; the reason goes into its record."""

    reason: str
