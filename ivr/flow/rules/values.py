"""What is said and with which values: prompts, variables, look-ups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import get_args

from ivr.errors import Problem, Where, nearest
from ivr.flow.fields import (
    LANGUAGE_NAMES,
    Plain,
    Prompt,
    Variable,
)
from ivr.flow.node import Flow
from ivr.flow.nodes.collect import Collect
from ivr.flow.nodes.lookup import Lookup
from ivr.flow.project import Project
from ivr.flow.rules.mentions import mentions, place_in
from ivr.flow.services import Written
from ivr.flow.source import place
from ivr.lang import parse

# What a value is, and the kinds it can be spoken as.
SPOKEN_AS: Mapping[str, set[str]] = {
    "money": {"money", "number"},
    "number": {"number", "ordinal", "count", "percent"},
    "date": {"date", "weekday"},
    "digits": {"digits", "phone", "tail", "number"},
    "text": set(),
    "language": set(),
    **{kind: {kind} for kind in get_args(Written)},
}


def prompts_whole(project: Project) -> Iterator[Problem]:
    """Every prompt exists, in every language of its flow, and gets the values it asks for."""
    texts, written = project.catalogue.texts, project.catalogue.written
    held = {flow.name: _held(flow, project) for flow in project.flows.values()}
    for flow, name, _, path, prompt in mentions(project):
        if not isinstance(prompt, Prompt):
            continue
        where = place_in(flow, name, path)
        if prompt.name not in texts:
            message = f"there is no prompt '{prompt.name}'{nearest(prompt.name, texts)}"
            yield Problem(where, message, "no-such-prompt")
            continue
        for language in flow.header.languages:
            said = texts[prompt.name].get(language)
            if said is None:
                message = (
                    f"'{prompt.name}' has no {LANGUAGE_NAMES[language]} text; "
                    "callers would hear silence"
                )
                yield Problem(written[prompt.name], message, "prompt-missing")
                continue
            for missing in sorted(said.names - set(prompt.values)):
                message = f"'{prompt.name}' says {{{missing}}}; it is not given here"
                yield Problem(where, message, "value-missing")
        yield from _values_unsaid(prompt, project, where)
        yield from _wrong_kinds(prompt, held[flow.name], project, where)


def _values_unsaid(prompt: Prompt, project: Project, where: Where) -> Iterator[Problem]:
    asked = {x for said in project.catalogue.texts[prompt.name].values() for x in said.names}
    for extra in sorted(set(prompt.values) - asked):
        message = f"'{prompt.name}' does not say '{extra}'{nearest(extra, asked)}"
        yield Problem(where, message, "unknown-value")


def _wrong_kinds(
    prompt: Prompt, held: Mapping[str, str], project: Project, where: Where
) -> Iterator[Problem]:
    """A value is spoken as the kind it is, and a text is of the kind it is spoken as."""
    for said in project.catalogue.texts[prompt.name].values():
        for name, kind in sorted({(each.name, each.kind) for each in said.placeholders}):
            value = prompt.values.get(name, Plain())
            if isinstance(value, Plain) and value:
                try:
                    parse(kind, value)
                except ValueError as fault:
                    yield Problem(where, f"'{prompt.name}' says {{{name}}}: {fault}", "wrong-kind")
            elif value in held and kind not in SPOKEN_AS[held[value]]:
                message = f"{value} is {held[value]}; '{prompt.name}' says it as {kind}"
                yield Problem(where, message, "wrong-kind")


def _held(flow: Flow, project: Project) -> dict[str, str]:
    """Return the kinds of what the nodes of a flow fill, by the variable that holds it."""
    held: dict[str, str] = {}
    for node in flow.nodes.values():
        if isinstance(node, Collect):
            held[f"${node.into}"] = node.looks.kind
        elif isinstance(node, Lookup) and node.lookup in project.services.lookups:
            gives = project.services.lookups[node.lookup].gives
            held |= {f"${node.into}.{name}": kind for name, kind in gives.items()}
    return held


def confirmations_whole(project: Project) -> Iterator[Problem]:
    """A read-back exists in every language and asks for the number and nothing else."""
    texts = project.catalogue.texts
    for flow in project.flows.values():
        for name, node in flow.nodes.items():
            if not isinstance(node, Collect) or node.confirm is None:
                continue
            where = place_in(flow, name, ("confirm",))
            if node.confirm not in texts:
                message = f"there is no prompt '{node.confirm}'{nearest(node.confirm, texts)}"
                yield Problem(where, message, "no-such-prompt")
                continue
            for language in flow.header.languages:
                said = texts[node.confirm].get(language)
                kinds = {each.kind for each in said.placeholders} if said else set()
                asks = said.names if said else frozenset()
                allowed = SPOKEN_AS[node.looks.read_back]
                if asks != {"number"} or kinds - allowed:
                    likely = sorted(allowed, key=lambda kind: (kind == "number", kind))
                    ways = " or ".join(f"{{number:{kind}}}" for kind in likely[:2])
                    message = (
                        f"'{node.confirm}' must read {ways} back in "
                        f"{LANGUAGE_NAMES[language]}, and nothing else"
                    )
                    yield Problem(where, message, "value-missing")


def lookup_arguments(project: Project) -> Iterator[Problem]:
    """A look-up is given the arguments it asks for, and no others; its answer has what is read."""
    for flow in project.flows.values():
        gives: dict[str, set[str]] = {}
        for name, node in flow.nodes.items():
            if not isinstance(node, Lookup) or node.lookup not in project.services.lookups:
                continue
            lookup = project.services.lookups[node.lookup]
            gives.setdefault(node.into, set()).update(lookup.gives)
            for missing in sorted(lookup.arguments - set(node.using)):
                message = f"'{node.lookup}' needs '{missing}' under 'using'"
                yield Problem(place_in(flow, name, ("using",)), message, "argument-missing")
            for extra in sorted(set(node.using) - lookup.arguments):
                message = f"'{node.lookup}' takes no '{extra}'{nearest(extra, lookup.arguments)}"
                yield Problem(
                    place(flow.tree, ("nodes", name, "using", extra), key=True),
                    message,
                    "unknown-argument",
                )
        for name, node in flow.nodes.items():
            for path, word in node.words():
                if isinstance(word, Variable) and len(word.path) > 1 and word.path[0] in gives:
                    part = word.path[1]
                    if part not in gives[word.path[0]]:
                        near = nearest(part, gives[word.path[0]])
                        message = f"${word.path[0]} has no '{part}'{near}"
                        yield Problem(place_in(flow, name, path), message, "unset-variable")
