"""What callers may press: keys that hide others, languages that are offered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ivr.errors import Problem
from ivr.flow.node import Flow
from ivr.flow.nodes.language import Language
from ivr.flow.nodes.menu import Menu
from ivr.flow.project import Project
from ivr.flow.rules.mentions import place_in
from ivr.flow.rules.ways import callers_first, calls
from ivr.flow.source import place


def hidden_key(project: Project) -> Iterator[Problem]:
    """A key means one thing: no menu and no sub-flow uses one that means something else anywhere.

    A menu wins over `anywhere`, a sub-flow's `anywhere` over that of the flow that calls it.
    """
    around: dict[str, dict[str, tuple[str, str]]] = {}
    for flow in callers_first(project):
        outer, own = around.get(flow.name, {}), flow.header.anywhere
        for key, does in own.items():
            if key in outer and outer[key][0] != does:
                message = f"the {key} here hides the {key} under 'anywhere' of '{outer[key][1]}'"
                yield Problem(place(flow.tree, ("anywhere", key), key=True), message, "hidden-key")
        means = outer | {str(key): (str(does), "") for key, does in own.items()}
        for name, node in flow.nodes.items():
            if isinstance(node, Menu | Language):
                yield from _hiding(flow, name, node, means)
        passed_on = {key: (does, of or flow.name) for key, (does, of) in means.items()}
        for *_, inner in calls(flow, project):
            around[inner.name] = passed_on | around.get(inner.name, {})


def _hiding(
    flow: Flow, name: str, node: Menu | Language, means: Mapping[str, tuple[str, str]]
) -> Iterator[Problem]:
    for key, leads in node.keys.items():
        does, of = means.get(key[0], (leads, ""))
        if does not in (leads, "language" if isinstance(node, Language) else leads):
            where = place(flow.tree, ("nodes", name, "keys", key), key=True)
            whose = f" of '{of}'" if of else ""
            message = f"the {key} here hides the {key[0]} under 'anywhere'{whose}"
            yield Problem(where, message, "hidden-key")


def one_key(project: Project) -> Iterator[Problem]:
    """What works anywhere is one key: two in a row are two keys there."""
    for flow in project.flows.values():
        for key in flow.header.anywhere:
            if len(key) > 1:
                message = f"'{key}' is {len(key)} keys; under 'anywhere' one key is one thing"
                where = place(flow.tree, ("anywhere", key), key=True)
                yield Problem(where, message, "no-such-key")


def languages_offered(project: Project) -> Iterator[Problem]:
    """A flow offers only languages it speaks."""
    for flow in project.flows.values():
        for name, node in flow.nodes.items():
            if not isinstance(node, Language):
                continue
            for key, language in node.keys.items():
                if language not in flow.header.languages:
                    message = f"the flow does not speak '{language}'; add it to 'languages'"
                    yield Problem(place_in(flow, name, ("keys", key)), message, "no-such-language")


def languages_to_change(project: Project) -> Iterator[Problem]:
    """A flow with a key for the next language speaks more than one."""
    for flow in project.flows.values():
        if len(flow.header.languages) != 1:
            continue
        for key, does in flow.header.anywhere.items():
            if does == "language":
                message = (
                    "there is no other language to go on in; add one to 'languages', or take "
                    f"the {key} away"
                )
                yield Problem(place(flow.tree, ("anywhere", key)), message, "one-language")
