"""What back ends answer in a simulated call, read as the kinds that services.yaml declares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ivr.errors import Problem, nearest
from ivr.flow import source
from ivr.flow.services import Declared, Failed, Found, Lookup, Missing
from ivr.flow.source import Text, Tree, Wrong
from ivr.services.answers import read_value
from ivr.trial.timed import seconds, timed

ANY, AFTER = "any", "after"

FAULTS: dict[str, Missing | Failed] = {
    "missing": Missing(),
    "fails": Failed("the back end is down, as the test says"),
}


@dataclass(frozen=True)
class Reply:
    """What a back end answers, and the seconds it takes."""

    answer: Found | Missing | Failed
    after: float = 0.0


@dataclass(frozen=True)
class Replies:
    """What one look-up answers, by what is asked; `otherwise` is for everything not listed."""

    listed: Mapping[str, Reply] = field(default_factory=dict)
    otherwise: Reply = Reply(Missing())


def read(tree: source.Mapping, declared: Declared) -> tuple[dict[str, Replies], list[Problem]]:
    """Return the answers of every look-up among what is given, and every problem."""
    found: dict[str, Replies] = {}
    problems: list[Problem] = []
    for name, (key, value) in tree.entries.items():
        if "." not in name:
            continue
        if name not in declared.lookups:
            message = f"there is no look-up '{name}'{nearest(name, declared.lookups)}"
            problems.append(Problem(key.where, message, "no-such-lookup"))
            continue
        found[name] = _replies(value, declared.lookups[name], problems)
    return found, problems


def _replies(tree: Tree, lookup: Lookup, problems: list[Problem]) -> Replies:
    if not isinstance(tree, source.Mapping):
        return Replies(otherwise=_reply(tree, lookup, 0.0, problems))
    after = 0.0
    if (slow := tree.get(AFTER)) is not None:
        try:
            after = seconds(slow.value if isinstance(slow, Text) else "")
        except Wrong as wrong:
            problems.append(Problem(slow.where, str(wrong), wrong.rule))
    replies = {}
    for asked, (key, entry) in tree.entries.items():
        if asked in lookup.gives and not isinstance(entry, source.Mapping):
            message = f"answers stand under what is asked, or under any: {{any: {{{asked}: …}}}}"
            problems.append(Problem(key.where, message, "wrong-value"))
        elif asked != AFTER:
            replies[asked] = _reply(entry, lookup, after, problems)
    otherwise = replies.pop(ANY, Reply(Missing(), after))
    return Replies(replies, otherwise)


def _reply(tree: Tree, lookup: Lookup, after: float, problems: list[Problem]) -> Reply:
    """Read one answer. A field left out is not there; the flow is not to speak of it."""
    if not isinstance(tree, source.Mapping):
        try:
            word, own = timed(source.plain(tree), FAULTS)
        except Wrong as wrong:
            problems.append(Problem(tree.where, str(wrong), wrong.rule))
            return Reply(Missing())
        return Reply(FAULTS[word], own or after)
    values = {}
    for name, (key, value) in tree.entries.items():
        if name not in lookup.gives:
            message = f"the look-up gives no '{name}'{nearest(name, lookup.gives)}"
            problems.append(Problem(key.where, message, "unknown-key"))
            continue
        try:
            values[name] = read_value(lookup.gives[name], source.plain(value))
        except Wrong as wrong:
            message = f"'{name}' is not {lookup.gives[name]}: {wrong}"
            problems.append(Problem(value.where, message, wrong.rule))
    return Reply(Found(values), after)
