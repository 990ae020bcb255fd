"""What menus tell callers: the keys they offer, in every language, and how long it takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ivr.errors import Problem
from ivr.flow.fields import LANGUAGE_NAMES, Prompt
from ivr.flow.limits import Limits
from ivr.flow.node import Flow
from ivr.flow.nodes.language import Language
from ivr.flow.nodes.menu import Menu
from ivr.flow.project import Project
from ivr.flow.prompts import Said
from ivr.flow.rules.lengths import longest
from ivr.flow.rules.ways import callers_first, calls
from ivr.flow.source import place
from ivr.lang.pressing import keys_said


def key_not_offered(project: Project) -> Iterator[Problem]:
    """No text of a menu offers a key that neither the menu nor `anywhere` has."""
    inherited = _anywhere(project)
    for flow, name, node, prompts in _menus(project):
        has = {*node.keys, *flow.header.anywhere, *inherited.get(flow.name, ())}
        for prompt in prompts:
            for language, said in _texts(prompt, flow, project):
                for key in sorted(_keys(said, language) - has):
                    message = (
                        f"'{prompt.name}' offers {key} in {LANGUAGE_NAMES[language]}; "
                        f"'{name}' of '{flow.name}' has no such key"
                    )
                    yield Problem(said.where, message, "key-not-offered")


def key_unsaid(project: Project) -> Iterator[Problem]:
    """What a menu says first mentions each of its keys, in every language of the flow."""
    for flow, name, node, prompts in _menus(project):
        first = prompts if isinstance(node, Language) else prompts[:1]
        said: dict[str, set[str]] = {}
        for prompt in first:
            for language, text in _texts(prompt, flow, project):
                said.setdefault(language, set()).update(_keys(text, language))
        for key, leads in node.keys.items():
            asked = {str(leads)} if isinstance(node, Language) else said
            lacking = [x for x in said if x in asked and key not in said[x]]
            if lacking:
                *others, last = (LANGUAGE_NAMES[language] for language in lacking)
                spoken = f"{', '.join(others)} and {last}" if others else last
                message = f"'{first[0].name}' does not tell callers of the {key} in {spoken}"
                where = place(flow.tree, ("nodes", name, "keys", key), key=True)
                yield Problem(where, message, "key-unsaid")


def long_menu(project: Project, limits: Limits) -> Iterator[Problem]:
    """A menu offers no more, and speaks no longer, than a caller remembers."""
    most = limits.menu
    for flow in project.flows.values():
        for name, node in flow.nodes.items():
            if not isinstance(node, Menu):
                continue
            seconds = longest(node.menu[:1], flow, project)
            if len(node.keys) > most.choices or seconds > most.seconds:
                message = (
                    f"'{name}' offers {len(node.keys)} choices in {seconds:.0f} s; "
                    f"the limit is {most.choices} choices and {most.seconds:g} s"
                )
                yield Problem(place(flow.tree, ("nodes", name), key=True), message, "long-menu")


def _menus(
    project: Project,
) -> Iterator[tuple[Flow, str, Menu | Language, tuple[Prompt, ...]]]:
    """Every node that offers keys, with the flow it stands in, its name and its prompts."""
    for flow in project.flows.values():
        for name, node in flow.nodes.items():
            if isinstance(node, Menu):
                yield flow, name, node, node.menu
            elif isinstance(node, Language):
                yield flow, name, node, node.language


def _texts(prompt: Prompt, flow: Flow, project: Project) -> Iterator[tuple[str, Said]]:
    texts: Mapping[str, Said] = project.catalogue.texts.get(prompt.name, {})
    return ((language, texts[language]) for language in flow.header.languages if language in texts)


def _keys(said: Said, language: str) -> frozenset[str]:
    # A value stands as a bracket, which is no word of a key.
    return keys_said("".join(x if isinstance(x, str) else "{}" for x in said.parts), language)


def _anywhere(project: Project) -> dict[str, set[str]]:
    """Return the keys that work in a flow because they do in one that calls it."""
    inherited: dict[str, set[str]] = {}
    for flow in callers_first(project):
        keys = {*map(str, flow.header.anywhere), *inherited.get(flow.name, ())}
        for *_, inner in calls(flow, project):
            inherited.setdefault(inner.name, set()).update(keys)
    return inherited
