"""What callers may press: keys that hide others, languages that are offered."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.errors import Problem
from ivr.flow.fields import Key
from ivr.flow.nodes.language import Language
from ivr.flow.nodes.menu import Menu
from ivr.flow.project import Project
from ivr.flow.rules.mentions import place_in
from ivr.flow.source import place


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
