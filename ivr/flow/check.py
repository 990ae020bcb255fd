"""What the files of a project say of each other: one function per rule.

A rule takes a project and yields problems. It never repeats what reading the files has already
said: a link to a node that is written but broken is no second mistake.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ivr.errors import Problem
from ivr.flow.limits import Limits
from ivr.flow.project import Project
from ivr.flow.rules import fills, keys, links, loops, offers, person, secrets, values, waiting

Rule = Callable[[Project], Iterator[Problem]]
Limited = Callable[[Project, Limits], Iterator[Problem]]

RULES: tuple[Rule, ...] = (
    links.no_such_node,
    links.no_such_name,
    links.no_such_skill,
    links.sub_flow_outcomes,
    links.unreachable,
    loops.silent_loop,
    loops.endless_loop,
    loops.endless_call,
    loops.silent_end,
    values.prompts_whole,
    values.confirmations_whole,
    values.lookup_arguments,
    fills.unset_variable,
    fills.unset_on_a_way,
    secrets.secret_told,
    keys.hidden_key,
    keys.one_key,
    keys.languages_offered,
    keys.languages_to_change,
    offers.key_not_offered,
    offers.key_unsaid,
    waiting.never_waits,
    waiting.wait_unknown,
    waiting.call_back_unpromised,
    waiting.secret_while_waiting,
)
LIMITED: tuple[Limited, ...] = (offers.long_menu, person.far_from_a_person)


def check(project: Project, limits: Limits | None = None) -> list[Problem]:
    """Apply every rule; return the problems, sorted by place. Without limits theirs are taken."""
    found = {problem for rule in RULES for problem in rule(project)}
    found |= {problem for rule in LIMITED for problem in rule(project, limits or Limits())}
    return sorted(found)
