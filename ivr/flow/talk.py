"""What all flows of one call share: how this caller is spoken to, and the keys not yet used."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ivr.flow.effects import Heard
from ivr.flow.fields import Prompt
from ivr.flow.hearing import clips_before, heard_text
from ivr.flow.logbook import Logbook
from ivr.flow.record import SECRET
from ivr.flow.secret import UNTOLD, Secret
from ivr.flow.speech import Clip, Pause, Place, Utterance

if TYPE_CHECKING:
    from ivr.flow.call import Call
    from ivr.flow.project import Project

NORMAL_SPEED = 100

# How often a prompt was not understood when it is said more slowly, and when digit by digit.
SLOWLY, DIGIT_BY_DIGIT = 2, 3
LONGER_PAUSES = 1.5
# How soon the key that ends an answer comes where the answer was whole without it.
SPARE = timedelta(seconds=2)
# How soon a digit too many comes behind a secret that was whole without it.
TOO_MANY = timedelta(seconds=1)


@dataclass(frozen=True)
class Choice:
    """How a caller chose to be spoken to: her language, and her speed in percent, None unchosen."""

    language: str | None = None
    speed: int | None = None


@dataclass
class Pressed:
    """A key, when it was pressed, whether it may be a digit of a secret, and whether it has cut
    something short already. `kept` is what may be kept of it, "" until it was of use."""

    key: str
    at: datetime
    secret: bool = False
    has_cut: bool = False
    kept: str = ""


@dataclass
class Talk:
    """One call: `languages` are those of its first flow, which all its sub-flows speak.

    `is_remembered` tells that the language is the caller's choice of an earlier call. `recorded`
    are the desks whose talks are recorded, with whether a caller must be told. What she
    hears, or heard last, is in `heard_language` at `heard_speed`: these a key changes.
    """

    project: Project
    logbook: Logbook
    clock: Callable[[], datetime]
    caller: Mapping[str, str]
    languages: tuple[str, ...]
    language: str
    speed: int = NORMAL_SPEED
    is_remembered: bool = False
    chosen: Choice = Choice()
    # The nodes she came through before an agent passed her on.
    came: tuple[str, ...] = ()
    recorded: Mapping[str, bool] = field(default_factory=dict)
    knows_recorded: bool = False
    # Where she may be told what is announced, whichever way she goes.
    places: tuple[str, ...] = ()
    # Whether she is in a queue while she is spoken to, and what is known of her wait ($waiting).
    stays: bool = False
    waiting: Mapping[str, str] = field(default_factory=dict)
    keys: deque[Pressed] = field(default_factory=deque)
    # The names of the prompts she has heard at least the beginning of.
    told: set[str] = field(default_factory=set)
    # How many questions were put to back ends.
    questions: int = 0
    # Nodes entered since the caller last pressed a key; see MOST_NODES_ALONE.
    alone: int = 0
    # The innermost flow she is in, for those who show a call; None before the first node.
    here: Call | None = None
    # The key that would have ended the last answer, and when that was whole without it.
    spare: Pressed | None = None
    # Whether she is at a node that asks for a secret; whether a digit may still belong to one.
    asks_secret: bool = False
    may_be_secret: bool = False
    # What came of the keys of the last answer, None for a spare one; the keys of the question that
    # is being answered, and of the one before.
    latest: tuple[Pressed | None, ...] = ()
    typing: list[Pressed] = field(default_factory=list)
    typed: list[Pressed] = field(default_factory=list)
    # What is lost, and is needed to ask a back end at this node.
    needs: Secret | None = None
    heard_language: str = field(init=False)
    heard_speed: int = field(init=False)

    def __post_init__(self) -> None:
        self.heard_language, self.heard_speed = self.language, self.speed

    def enter(self, secret: bool) -> None:
        """Come to a node, which may ask for a secret: it may have been typed ahead."""
        self.asks_secret = secret
        self.typing, self.needs = [], None
        if secret:
            for pressed in self.keys:
                pressed.secret = True

    def press(self, keys: str, began: datetime) -> None:
        """Keep keys in the order they were pressed, but for one that is spare.

        They came since `began`, or were pressed while nobody listened and come at once.
        """
        now = self.clock()
        soon = now - began <= TOO_MANY
        self.may_be_secret = self.asks_secret or (self.may_be_secret and soon)
        self.latest = tuple(self._pressed(key, now) for key in keys)

    def _pressed(self, key: str, now: datetime) -> Pressed | None:
        self.alone = 0
        if self._is_spare(key, now):
            return None
        pressed = Pressed(key, now, self.may_be_secret and key.isdigit())
        self.keys.append(pressed)
        return pressed

    def use(self, pressed: Pressed, *, secret: bool = False, hidden: bool = False) -> None:
        """Write down a key that was of use, or will be of none.

        A `secret` one is written as such; where it is `hidden` nothing else keeps it either.
        """
        pressed.kept = pressed.key
        if hidden and pressed.key not in UNTOLD:
            pressed.kept = SECRET
        self.logbook.key(pressed.key, pressed.at, secret=secret or pressed.key in UNTOLD)

    def whole(self, answer: str, until: str | None) -> str:
        """Return an answer that is whole; `until`, if it comes soon, answers nothing else.

        Many end a number with `#` though it has all its digits.
        """
        now = self.clock()
        self.spare = Pressed(until, now) if until else None
        if self.keys and self._is_spare(self.keys[0].key, now):
            self.keys.popleft()
        return answer

    def _is_spare(self, key: str, now: datetime) -> bool:
        spare, self.spare = self.spare, None
        if spare is None or key != spare.key or now - spare.at > SPARE:
            return False
        self.logbook.key(key, now)
        return True

    def write_down(
        self, prompt: str, said: Utterance, began: datetime, begin: int, heard: Heard
    ) -> None:
        """Note in the record what she heard until now of an utterance, from an item on."""
        is_cut = heard.reached < len(said)
        # An announcement may have no words in her language, and says it in another.
        spoken = (item.language for item in said if isinstance(item, Clip))
        self.logbook.heard(
            heard_text(said, begin, heard.reached, heard.word),
            prompt=prompt,
            language=next(spoken, self.heard_language),
            speed=f"{self.heard_speed}%",
            began=began,
            ended=self.clock(),
            cut_at=clips_before(said, heard.reached) if is_cut else None,
        )

    def speak(self, language: str) -> None:
        """Speak the language she chose from now on."""
        self.language = self.heard_language = self.logbook.language = language
        self.chosen = replace(self.chosen, language=language)
        self.is_remembered = False

    def choose(self, chosen: Choice) -> None:
        """Speak as she chose in this call, which is known and need not be asked again."""
        if chosen.language in self.languages:
            self.speak(chosen.language)
            self.is_remembered = True
        if chosen.speed:
            self.speed = self.heard_speed = chosen.speed
            self.logbook.speed = f"{chosen.speed}%"
        self.chosen = chosen

    @property
    def next_language(self) -> str:
        """The language after the one she hears, in the order of the flow, round."""
        if self.heard_language not in self.languages:
            return self.languages[0]
        index = self.languages.index(self.heard_language) + 1
        return self.languages[index % len(self.languages)]

    def change_speed(self, speeds: Collection[int], does: str) -> None:
        """Speak one of `speeds` slower or faster than she hears, if there is one."""
        speed = (slower if does == "slower" else faster)(speeds, self.heard_speed)
        self.speed = self.heard_speed = speed
        self.logbook.speed = f"{speed}%"
        self.chosen = replace(self.chosen, speed=speed)


@dataclass
class Patience:
    """What a caller did not understand in one stay at a node, and how it is said for her."""

    missed: Counter[str] = field(default_factory=Counter)
    # She has changed the speed herself since she came here: no step is made on top of it.
    has_her_speed: bool = False

    def miss(self, speech: Iterable[Prompt]) -> None:
        """Note that she asked to hear this again, or said nothing to it."""
        self.missed.update(prompt.name for prompt in speech if prompt.values)

    def is_slow(self, prompt: Prompt) -> bool:
        """Whether the prompt is said more slowly, with longer pauses."""
        return self.missed[prompt.name] >= SLOWLY

    def is_careful(self, prompt: Prompt) -> bool:
        """Whether the prompt says its amounts digit by digit."""
        return self.missed[prompt.name] >= DIGIT_BY_DIGIT

    def speed(self, prompt: Prompt, talk: Talk, speeds: Collection[int]) -> int:
        """Return the speed in percent at which the prompt is said."""
        if self.is_slow(prompt) and not self.has_her_speed:
            return slower(speeds, talk.speed)
        return talk.speed


def slowly(places: Iterable[Place]) -> Iterator[Place]:
    """Give the items of a prompt with longer pauses."""
    for place in places:
        item = place.item
        if isinstance(item, Pause):
            item = replace(item, seconds=item.seconds * LONGER_PAUSES)
        yield replace(place, item=item)


def slower(speeds: Collection[int], than: int) -> int:
    """Return the next of `speeds` below, or the same where there is none."""
    return max((speed for speed in speeds if speed < than), default=than)


def faster(speeds: Collection[int], than: int) -> int:
    """Return the next of `speeds` above, or the same where there is none."""
    return min((speed for speed in speeds if speed > than), default=than)
