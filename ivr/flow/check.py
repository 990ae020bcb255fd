"""What the files of a project say of each other: one function per rule.

A rule takes a project and yields problems. It never repeats what reading the files has already
said: a link to a node that is written but broken is no second mistake.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ivr.errors import Problem
from ivr.flow.project import Project
from ivr.flow.rules import fills, keys, links, loops, secrets, values

Rule = Callable[[Project], Iterator[Problem]]

RULES: tuple[Rule, ...] = (
    links.no_such_node,
    links.no_such_name,
    values.prompts_whole,
    values.confirmations_whole,
    fills.unset_variable,
    fills.unset_on_a_way,
    secrets.secret_spoken,
    values.lookup_arguments,
    links.sub_flow_outcomes,
    links.unreachable,
    loops.silent_loop,
    loops.endless_loop,
    loops.endless_call,
    loops.silent_end,
    keys.hidden_keys,
    keys.languages_offered,
    keys.languages_to_change,
)


def check(project: Project) -> list[Problem]:
    """Apply every rule; return the problems, sorted by place."""
    return sorted({problem for rule in RULES for problem in rule(project)})
