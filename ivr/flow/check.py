"""What the files of a project say of each other: one function per rule.

A rule takes a project and yields problems. It never repeats what reading the files has already
said: a link to a node that is written but broken is no second mistake.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ivr.errors import Problem, Where, nearest
from ivr.flow.call import CALLER
from ivr.flow.fields import (
    LANGUAGE_NAMES,
    FlowName,
    HoursName,
    Key,
    LookupName,
    NodeName,
    Plain,
    Prompt,
    QueueName,
    Variable,
    VariableName,
    Word,
)
from ivr.flow.node import END, MANNERS, Flow, Node
from ivr.flow.nodes.call import CallFlow
from ivr.flow.nodes.collect import Collect
from ivr.flow.nodes.language import Language
from ivr.flow.nodes.lookup import Lookup
from ivr.flow.nodes.menu import Menu
from ivr.flow.project import Project
from ivr.flow.source import Path, place
from ivr.lang import parse

Rule = Callable[[Project], Iterator[Problem]]


def check(project: Project) -> list[Problem]:
    """Apply every rule; return the problems, sorted by place."""
    return sorted({problem for rule in RULES for problem in rule(project)})


def _mentions(project: Project) -> Iterator[tuple[Flow, str, Node, Path, Word | Prompt]]:
    for flow in project.flows.values():
        for name, node in (*flow.nodes.items(), *flow.broken.items()):
            for path, word in node.words():
                yield flow, name, node, path, word


def _at(flow: Flow, node: str, path: Path) -> Where:
    return place(flow.tree, ("nodes", node, *path))


def no_such_node(project: Project) -> Iterator[Problem]:
    """Every link leads to a node of its flow, or to one of the outcomes a sub-flow names."""
    for flow in project.flows.values():
        known = set(flow.header.nodes) | set(flow.header.outcomes)
        links = [
            (_at(flow, name, path), link)
            for name, node in (*flow.nodes.items(), *flow.broken.items())
            for path, link in node.links()
        ]
        if flow.header.start != END:
            links.append((place(flow.tree, ("start",)), flow.header.start))
        links += [
            (place(flow.tree, ("anywhere", key)), node)
            for key, node in flow.header.anywhere.items()
            if node not in MANNERS
        ]
        for where, link in links:
            if link not in known:
                message = f"there is no node '{link}'{nearest(link, known)}"
                yield Problem(where, message, "no-such-node")


def no_such_name(project: Project) -> Iterator[Problem]:
    """Every flow, queue, look-up and opening hours that is mentioned exists."""
    tables: dict[type[Word], tuple[str, set[str]]] = {
        FlowName: ("flow", set(project.flows)),
        QueueName: ("queue", set(project.queues)),
        LookupName: ("look-up", set(project.services.lookups)),
        HoursName: ("opening hours", set(project.hours)),
    }
    for flow, name, _, path, word in _mentions(project):
        if isinstance(word, Prompt) or type(word) not in tables:
            continue
        what, known = tables[type(word)]
        if word not in known and what not in project.unread:
            are = "are" if what.endswith("s") else "is"
            message = f"there {are} no {what} '{word}'{nearest(word, known)}"
            yield Problem(_at(flow, name, path), message, f"no-such-{what.replace(' ', '-')}")


def prompts_whole(project: Project) -> Iterator[Problem]:
    """Every prompt exists, in every language of its flow, and gets the values it asks for."""
    texts, places = project.catalogue.texts, project.catalogue.places
    for flow, name, _, path, prompt in _mentions(project):
        if not isinstance(prompt, Prompt):
            continue
        where = _at(flow, name, path)
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
                yield Problem(places[prompt.name], message, "prompt-missing")
                continue
            for missing in sorted(set(said.placeholders) - set(prompt.values)):
                message = f"'{prompt.name}' says {{{missing}}}; it is not given here"
                yield Problem(where, message, "value-missing")
        yield from _values_unsaid(prompt, project, where)
        yield from _wrong_kinds(prompt, flow, project, where)


def _values_unsaid(prompt: Prompt, project: Project, where: Where) -> Iterator[Problem]:
    asked = {x for said in project.catalogue.texts[prompt.name].values() for x in said.placeholders}
    for extra in sorted(set(prompt.values) - asked):
        message = f"'{prompt.name}' does not say '{extra}'{nearest(extra, asked)}"
        yield Problem(where, message, "unknown-value")


# What a value is, and the kinds it can be spoken as.
SPOKEN_AS: Mapping[str, set[str]] = {
    "money": {"money", "number"},
    "number": {"number"},
    "date": {"date"},
    "digits": {"digits", "phone", "number"},
    "text": set(),
    "language": set(),
}


def _wrong_kinds(prompt: Prompt, flow: Flow, project: Project, where: Where) -> Iterator[Problem]:
    """A value is spoken as the kind it is, and a text is of the kind it is spoken as."""
    held = _held(flow, project)
    for said in project.catalogue.texts[prompt.name].values():
        for name, kind in said.placeholders.items():
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
            held[f"${node.into}"] = "digits"
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
            where = _at(flow, name, ("confirm",))
            if node.confirm not in texts:
                message = f"there is no prompt '{node.confirm}'{nearest(node.confirm, texts)}"
                yield Problem(where, message, "no-such-prompt")
                continue
            for language in flow.header.languages:
                said = texts[node.confirm].get(language)
                kinds = said.placeholders if said else {}
                if set(kinds) != {"number"} or kinds["number"] not in SPOKEN_AS["digits"]:
                    message = (
                        f"'{node.confirm}' must read {{number:digits}} or {{number:phone}} back in "
                        f"{LANGUAGE_NAMES[language]}, and nothing else"
                    )
                    yield Problem(where, message, "value-missing")


def unset_variables(project: Project) -> Iterator[Problem]:
    """Every variable that is read is filled by some node of its flow, or given to the flow."""
    for flow, name, _, path, word in _mentions(project):
        if not isinstance(word, Variable):
            continue
        known = {"caller", "language", "speed", *flow.header.takes}
        for node in (*flow.nodes.values(), *flow.broken.values()):
            known |= {w for p, w in node.words() if isinstance(w, VariableName) and p == ("into",)}
            known |= set(getattr(node, "set", ()) or ())
        first, part = word.path[0], ".".join(word.path[1:])
        if first not in known:
            message = f"nothing fills ${first}{nearest(first, known)}"
            yield Problem(_at(flow, name, path), message, "unset-variable")
        elif first == "caller" and part not in CALLER:
            near = nearest(part, CALLER)
            message = f"of a caller there are {', '.join(f'$caller.{x}' for x in CALLER)}{near}"
            yield Problem(_at(flow, name, path), message, "unset-variable")


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
                yield Problem(_at(flow, name, ("using",)), message, "argument-missing")
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
                        yield Problem(_at(flow, name, path), message, "unset-variable")


def sub_flow_outcomes(project: Project) -> Iterator[Problem]:
    """A call names only outcomes the sub-flow has, gives what it takes, and is understood."""
    for flow in project.flows.values():
        for name, node in flow.nodes.items():
            if not isinstance(node, CallFlow) or node.call not in project.flows:
                continue
            inner = project.flows[node.call].header
            for language in sorted(set(flow.header.languages) - set(inner.languages)):
                message = f"'{node.call}' does not speak {LANGUAGE_NAMES[language]}; callers would"
                yield Problem(_at(flow, name, ("call",)), f"{message} be lost", "no-such-language")
            for extra in sorted(set(node.__pydantic_extra__ or {}) - set(inner.outcomes)):
                known = {*inner.outcomes, "with", "into", "go"}
                message = f"'{node.call}' has no outcome '{extra}'{nearest(extra, known)}"
                where = place(flow.tree, ("nodes", name, extra), key=True)
                yield Problem(where, message, "unknown-key")
            for missing in sorted(set(inner.takes) - set(node.with_)):
                message = f"'{node.call}' needs '{missing}' under 'with'"
                yield Problem(_at(flow, name, ()), message, "argument-missing")
            for extra in sorted(set(node.with_) - set(inner.takes)):
                message = f"'{node.call}' takes no '{extra}'{nearest(extra, inner.takes)}"
                yield Problem(_at(flow, name, ("with", extra)), message, "unknown-argument")


def circles_of_flows(project: Project) -> Iterator[Problem]:
    """No flow walks itself, by whatever other flows."""
    ways = {
        name: [str(node.call) for node in flow.nodes.values() if isinstance(node, CallFlow)]
        for name, flow in project.flows.items()
    }
    for name, flow in project.flows.items():
        if circle := _way_back(name, ways):
            message = f"the flows {' → '.join(circle)} call each other without end"
            yield Problem(place(flow.tree, ("flow",)), message, "endless-call")


def unreachable(project: Project) -> Iterator[Problem]:
    """Some key or outcome leads to every node."""
    for flow in project.flows.values():
        if set(flow.header.nodes) - set(flow.nodes) or flow.header.start not in flow.nodes:
            continue  # what leads where is not known
        ways = {NodeName(name): {x for _, x in node.links()} for name, node in flow.nodes.items()}
        seen: set[str] = set()
        todo = [flow.header.start, *flow.header.anywhere.values()]
        while todo:
            node = todo.pop()
            if node in ways and node not in seen:
                seen.add(node)
                todo += ways[node]
        for name in ways:
            if name not in seen:
                where = place(flow.tree, ("nodes", name), key=True)
                yield Problem(where, f"nothing leads to '{name}'", "unreachable")


def silent_loops(project: Project) -> Iterator[Problem]:
    """No way leads from a node back to itself without waiting for the caller."""
    for flow in project.flows.values():
        ways = {
            str(name): [str(link) for _, link in node.links()]
            for name, node in flow.nodes.items()
            if not node.waits
        }
        told: set[str] = set()
        for name in ways:
            loop = _way_back(name, ways)
            if loop and not told & set(loop):
                told |= set(loop)
                message = f"{' → '.join(loop)} never waits for the caller"
                yield Problem(place(flow.tree, ("nodes", name), key=True), message, "silent-loop")


def _way_back(start: str, ways: Mapping[str, list[str]]) -> list[str]:
    """Return the shortest way from a node back to itself, or nothing."""
    todo, seen = [[start]], set[str]()
    for way in todo:
        for link in ways.get(way[-1], ()):
            if link == start:
                return [*way, start]
            if link not in seen:
                seen.add(link)
                todo.append([*way, link])
    return []


def hidden_keys(project: Project) -> Iterator[Problem]:
    """A menu does not use a key that means something else anywhere."""
    for flow in project.flows.values():
        for name, node in flow.nodes.items():
            if not isinstance(node, Menu):
                continue
            for key, leads in node.keys.items():
                if flow.header.anywhere.get(Key(key[0]), leads) != leads:
                    where = place(flow.tree, ("nodes", name, "keys", key), key=True)
                    message = f"the {key} here hides the {key[0]} under 'anywhere'"
                    yield Problem(where, message, "hidden-key")


def languages_offered(project: Project) -> Iterator[Problem]:
    """A flow offers only languages it speaks."""
    for flow in project.flows.values():
        for name, node in flow.nodes.items():
            if not isinstance(node, Language):
                continue
            for key, language in node.keys.items():
                if language not in flow.header.languages:
                    message = f"the flow does not speak '{language}'; add it to 'languages'"
                    yield Problem(_at(flow, name, ("keys", key)), message, "no-such-language")


RULES: tuple[Rule, ...] = (
    no_such_node,
    no_such_name,
    prompts_whole,
    confirmations_whole,
    unset_variables,
    lookup_arguments,
    sub_flow_outcomes,
    circles_of_flows,
    unreachable,
    silent_loops,
    hidden_keys,
    languages_offered,
)
