"""How many mistakes would the tests catch? Each mutant is a project with one small mistake.

    score = mutation.score(project, results)
    score.share                   # caught, of all
    score.survivors               # each with its place and what it did

Mistakes are made as authors make them: two keys of a menu swapped, a prompt forgotten, an
outcome that leads elsewhere, a key of `anywhere` that is not there. A mutant that cannot differ
(two keys that lead to the same node) is none. Only tests that come to the node are played.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from ivr.errors import Where
from ivr.flow.fields import NodeName, Prompt, PromptName
from ivr.flow.node import END, Flow, Node
from ivr.flow.project import Project
from ivr.flow.prompts import Said
from ivr.flow.source import Path, place
from ivr.trial import verdict
from ivr.trial.coverage import ANYWHERE, label
from ivr.trial.verdict import Result

# A prompt without a word; no author can call one so.
NOTHING = Prompt(PromptName(""), {})


@dataclass(frozen=True)
class Mutant:
    """One mistake: where it was made, in which node, and what it is."""

    where: Where
    flow: str
    node: str
    did: str

    def __str__(self) -> str:
        return f"{self.where}: {self.did}"


@dataclass(frozen=True)
class Score:
    """What became of the mutants."""

    caught: tuple[Mutant, ...]
    survivors: tuple[Mutant, ...]

    @property
    def share(self) -> float:
        """How many were caught, from 0 to 1."""
        return len(self.caught) / max(1, len(self.caught) + len(self.survivors))

    def __str__(self) -> str:
        every = len(self.caught) + len(self.survivors)
        return f"{self.share:.1%} ({len(self.caught)} of {every})"


def score(
    project: Project, results: Sequence[Result], flows: Collection[str] | None = None
) -> Score:
    """Play the tests against every mutant of these flows, or of all.

    `results` are those of the project as it is.
    """
    came = [_visited(result) for result in results]
    caught: list[Mutant] = []
    survivors: list[Mutant] = []
    for mutant, changed in mutants(project):
        if flows is not None and mutant.flow not in flows:
            continue
        at = mutant.flow, mutant.node
        tests = [result.trial for result, nodes in zip(results, came, strict=True) if at in nodes]
        noticed = any(not verdict.run(trial, changed).passed for trial in tests)
        (caught if noticed else survivors).append(mutant)
    return Score(tuple(caught), tuple(survivors))


def _visited(result: Result) -> set[tuple[str, str]]:
    """Return the nodes a call came to; whose flow's `anywhere` was in force counts as one."""
    spots: set[tuple[str, str]] = set()
    for step in result.record.path:
        inner, _, node = step.node.rpartition("/")
        flow = inner or result.record.flow
        spots |= {(flow, node), (flow, ANYWHERE)}
    return spots


def mutants(project: Project) -> Iterator[tuple[Mutant, Project]]:
    """Return every mutant, in the order of the files, and the project with that mistake."""
    silence = {language: Said((), Where("")) for language in project.languages}
    texts = {**project.catalogue.texts, NOTHING.name: silence}
    project = replace(project, catalogue=replace(project.catalogue, texts=texts))
    for flow in project.flows.values():
        for name, node in flow.nodes.items():
            for path, did, changed in _changes(node, flow):
                where = place(flow.tree, ("nodes", name, *path))
                nodes = {**flow.nodes, name: changed}
                mutated = _with(project, replace(flow, nodes=nodes))
                yield Mutant(where, flow.name, name, did), mutated
        for key in flow.header.anywhere:
            where = place(flow.tree, (ANYWHERE, key), key=True)
            did = f"the key {key} of anywhere does nothing"
            left = {k: does for k, does in flow.header.anywhere.items() if k != key}
            header = flow.header.model_copy(update={"anywhere": left})
            mutated = _with(project, replace(flow, header=header))
            yield Mutant(where, flow.name, ANYWHERE, did), mutated


def _changes(node: Node, flow: Flow) -> Iterator[tuple[Path, str, Node]]:
    """Return what can go wrong in a node: where in it, what it is, and the node so changed."""
    keys: Mapping[str, str] = getattr(node, "keys", {})
    for one, other in pairwise(keys):
        if keys[one] != keys[other]:
            swapped = {**keys, one: keys[other], other: keys[one]}
            did = f"the keys {one} and {other} are swapped"
            yield ("keys", one), did, node.model_copy(update={"keys": swapped})
    # What the author did not write she did not forget.
    for name in (name for name in type(node).model_fields if name in node.model_fields_set):
        speech = getattr(node, name)
        for index, prompt in enumerate(speech if isinstance(speech, tuple) else ()):
            if isinstance(prompt, Prompt):
                did = f"'{prompt.name}' is not said"
                yield (name, index), did, _changed(node, (name, index), NOTHING)
    for path, to in node.links():
        if (instead := _elsewhere(node, to, flow)) is not None:
            there = f"'{instead}'" if instead else "the end"
            did = f"'{label(path)}' leads to {there}, not to '{to}'"
            yield path, did, _changed(node, path, instead)


def _elsewhere(node: Node, to: NodeName, flow: Flow) -> NodeName | None:
    """Return where an outcome may lead by mistake: to the end, or where another one leads.

    For one that leads to a node that hangs up, or out of a sub-flow, the end may be no mistake.
    None where there is no other place.
    """
    if to in flow.nodes and flow.nodes[to].kind != "hangup":
        return END
    return next((other for _, other in node.links() if other != to), None)


def _changed(value: Any, path: Path, new: Any) -> Any:
    """Return a copy of a node, or of a part of it, with what stands at `path` replaced."""
    if not path:
        return new
    step, rest = path[0], path[1:]
    if isinstance(value, tuple):
        return tuple(_changed(v, rest, new) if i == step else v for i, v in enumerate(value))
    if isinstance(value, Mapping):
        return {k: _changed(v, rest, new) if k == step else v for k, v in value.items()}
    fields = type(value).model_fields
    name = next((n for n, field in fields.items() if (field.alias or n) == step), str(step))
    return value.model_copy(update={name: _changed(getattr(value, name), rest, new)})


def _with(project: Project, flow: Flow) -> Project:
    return replace(project, flows={**project.flows, flow.name: flow})
