"""What is given in a simulated call: the clock, the caller, back ends, agents.

    given, problems = read(tree, project)            # the tree of a mapping, by ivr.flow.source
    session = given.session(project, "hotline")
    reply = given.reply(project.services, "billing.balance", {"number": "13800138000"})
    queued, seconds = given.queued("front_desk", longest=120)

An author writes it so; every line may be left out::

    now: 2026-11-20T15:00+08:00
    caller: "13800138000"             # "" is a caller whose number is hidden
    called: "10086"
    remembers: {language: yue, speed: 75%}
    agents: {front_desk: 1002 answers after 20s}   # or nobody, full, unanswered
    dials: {"1001": busy}                          # or answers after 5s, unanswered, fails
    recording: silent                              # or how long she speaks: 8s
    messages: fails                                # or sent
    waits: {place: 3, wait: 4m}                    # what lies ahead in a queue; or {place: 3}
    calls_back: 2026-11-20T16:00+08:00             # until when an agent does; else none is promised
    announced: {hotline: {cmn: 今天线路繁忙。}}     # what is announced at a place
    billing.balance: {"13800138000": {balance: 123.45, expires: 2026-12-31}}
    billing.plan: fails after 3s                   # or missing

A look-up's answers stand under what is asked: its argument, or its arguments in the order of
their names with a space between. `any` is everything not listed, which otherwise is missing;
`after` is how long each answer takes.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from ivr.desk.reachable import at_home
from ivr.errors import Problem, nearest
from ivr.flow import source
from ivr.flow.announcement import Announcement
from ivr.flow.caller import Caller
from ivr.flow.effects import Book, Booked, DialOutcome, Impossible, Offered, Queued
from ivr.flow.fields import LanguageCode, Percent, PlaceName, PromptName
from ivr.flow.fitting import fit
from ivr.flow.nodes.announcements import Announcements
from ivr.flow.outlook import Outlook
from ivr.flow.project import Project
from ivr.flow.prompts import plain
from ivr.flow.services import Declared, Failed
from ivr.flow.session import Session
from ivr.flow.source import Tree, Wrong
from ivr.flow.speech import Clip
from ivr.flow.story import Story
from ivr.flow.talk import Choice
from ivr.lang.limits import FIRST_DAY, LAST_DAY
from ivr.trial import replies
from ivr.trial.people import Agents, Dialled, WrittenAgents, WrittenDialled
from ivr.trial.replies import Replies, Reply
from ivr.trial.timed import seconds

ANNOUNCED = PromptName("announced")
NOW = datetime.fromisoformat("2026-11-20T15:00+08:00")


def _now(value: Any) -> Any:
    if isinstance(value, datetime):
        return value
    try:
        now = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        example = "a time such as 2026-11-20T15:00+08:00 is expected here"
        raise Wrong(f"{example}; this is '{str(value)[:40]}'") from None
    if now.tzinfo is None:
        raise Wrong(f"{value} tells no offset from UTC; Beijing's is +08:00")
    if not FIRST_DAY < now.date() < LAST_DAY:
        raise Wrong(f"a day between {FIRST_DAY} and {LAST_DAY} is expected here")
    return now


def _number(value: Any) -> Any:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{0,32}", value):
        raise Wrong('a number in digits is expected here, or "" for a hidden one')
    return value


def _recording(value: Any) -> Any:
    return 0.0 if value == "silent" else seconds(value) if isinstance(value, str) else value


def _seconds(value: Any) -> Any:
    return seconds(value) if isinstance(value, str) else value


class Remembered(BaseModel):
    """What she chose in an earlier call."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    language: LanguageCode | None = None
    speed: Percent | None = None


class Ahead(BaseModel):
    """What is known of the wait of a caller in a queue."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    place: Annotated[int, Field(ge=1, le=9999)] = 1
    wait: Annotated[float, BeforeValidator(_seconds)] | None = None
    longer: bool = False


class Given(BaseModel):
    """Everything that is given. Nothing said: a known caller on a working afternoon, and agent
    1001 answers her at once.

    `recording` is the seconds she speaks into it, 0 when she is silent.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    now: Annotated[datetime, BeforeValidator(_now)] = NOW
    caller: Annotated[str, BeforeValidator(_number)] = "13800138000"
    called: Annotated[str, BeforeValidator(_number)] = "10086"
    passed_by: Annotated[str, BeforeValidator(_number)] = ""
    remembers: Remembered = Remembered()
    agents: dict[str, WrittenAgents] = {}
    dials: dict[str, WrittenDialled] = {}
    recording: Annotated[float, BeforeValidator(_recording)] = 8.0
    messages: Literal["sent", "fails"] = "sent"
    calls_back: Annotated[datetime, BeforeValidator(_now)] | None = None
    waits: Ahead = Ahead()
    announced: dict[PlaceName, dict[LanguageCode, str]] = {}
    # By their full names; authors write them beside the others, and `read` puts them here.
    lookups: dict[str, Replies] = Field(default={}, alias="service.lookup")

    def session(self, project: Project, flow: str, id: str = "trial") -> Session:
        """Return a session of this caller at this time. Raises KeyError for no such flow."""
        chosen = Choice(self.remembers.language, self.remembers.speed)
        caller = Caller(id, self.caller, self.called, Story(by=self.passed_by))
        return Session(project, flow, caller, self.now, remembered=chosen)

    def booked(self, book: Book) -> Offered | Booked | Impossible:
        """Return what a desk answers that is asked to call back."""
        if self.calls_back is None:
            return Impossible("nothing is promised in this call")
        if book.number:
            return Booked(self.calls_back)
        return Offered(self.calls_back, at_home(book.hers))

    @property
    def ahead(self) -> Outlook:
        """What is known of her wait in a queue."""
        return Outlook(self.waits.place, self.waits.wait, self.waits.longer)

    @property
    def clips(self) -> frozenset[Clip]:
        """The clips of what is announced: no prompt says them."""
        said = (
            place.item
            for words in self.announced.values()
            for language, text in words.items()
            for place in plain(text, language)
        )
        return frozenset(item for item in said if isinstance(item, Clip))

    def announcements(self, place: str) -> tuple[Announcement, ...]:
        """Return what is announced at a place."""
        words = self.announced.get(PlaceName(place), {})
        said = {str(language): plain(text, language) for language, text in words.items()}
        until = datetime.max.replace(tzinfo=UTC)
        one = Announcement(ANNOUNCED, {}, frozenset({place}), said, self.now, until)
        return (one,) if said else ()

    def reply(self, declared: Declared, name: str, arguments: Mapping[str, str]) -> Reply:
        """Return what a look-up answers and when; later than its time limit it has failed."""
        known = self.lookups.get(name, Replies())
        asked = " ".join(arguments[key] for key in sorted(arguments))
        reply = known.listed.get(asked, known.otherwise)
        limit = declared.lookups[name].time_limit
        late = Reply(Failed(f"no answer within {limit:g} s"), limit)
        return late if reply.after > limit else reply

    def queued(self, queue: str, longest: float) -> tuple[Queued, float]:
        """Return how a wait of `longest` seconds ends, and after how many seconds."""
        agents = self.agents.get(queue, Agents())
        if agents.outcome in ("closed", "full"):
            return Queued(agents.outcome), 0.0
        if agents.outcome == "unanswered" or agents.after > longest:
            return Queued("unanswered"), longest
        return Queued("answered", agents.agent), agents.after

    def dialled(self, number: str, longest: float) -> tuple[DialOutcome, float]:
        """Return what becomes of ringing a number for `longest` seconds, and after how many."""
        dialled = self.dials.get(number, Dialled())
        if dialled.outcome == "unanswered" or dialled.after > longest:
            return "unanswered", longest
        return dialled.outcome, dialled.after


def read(
    tree: Tree, project: Project, over: Given | None = None
) -> tuple[Given | None, list[Problem]]:
    """Read what is given; return it (None where something is wrong) and every problem.

    With `over`, whatever the tree leaves out is as given there; a look-up, a queue or a number
    is replaced as a whole.
    """
    over = over or Given()
    if not isinstance(tree, source.Mapping):
        message = "what is given (`caller: …`, `service.lookup: …`) is expected here"
        return None, [Problem(tree.where, message, "wrong-value")]
    lookups, problems = replies.read(tree, project.services)
    own = {name: entry for name, entry in tree.entries.items() if "." not in name}
    given, found = fit(source.Mapping(own, tree.where), Given, "given")
    problems += [*found, *_name_problems(tree, project)]
    if given is None or problems:
        return None, problems
    fields: dict[str, Any] = {name: getattr(given, name) for name in given.model_fields_set}
    for name in ("agents", "dials", "announced"):
        fields[name] = getattr(over, name) | fields.get(name, {})
    return over.model_copy(update=fields | {"lookups": over.lookups | lookups}), []


def _name_problems(tree: source.Mapping, project: Project) -> Iterator[Problem]:
    known: dict[str, tuple[str, Collection[str]]] = {"announced": ("place", places(project))}
    if "queue" not in project.unread:
        known["agents"] = "queue", project.queues
    for field, (what, names) in known.items():
        given = tree.get(field)
        for name, (key, _) in given.entries.items() if isinstance(given, source.Mapping) else ():
            if name not in names:
                message = f"there is no {what} '{name}'{nearest(name, names)}"
                yield Problem(key.where, message, f"no-such-{what}")


def places(project: Project) -> set[str]:
    """Return the places at which some flow says what is announced."""
    nodes = (node for flow in project.flows.values() for node in flow.nodes.values())
    return {str(node.announcements) for node in nodes if isinstance(node, Announcements)}
