"""How long callers listen: the seconds of prompts at 100%, in the slowest language of a flow."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from ivr.flow.duration import utterance_seconds
from ivr.flow.fields import Prompt
from ivr.flow.node import Flow
from ivr.flow.project import Project
from ivr.flow.prompts import Said, clauses

# A date with its year, an amount with its cents, a telephone number: each takes three to four.
VALUE = 4.0


def longest(speech: Iterable[Prompt], flow: Flow, project: Project) -> float:
    """Return about how many seconds prompts take in the flow's slowest language."""
    prompts = list(speech)
    return max((spoken(prompts, x, project) for x in flow.header.languages), default=0.0)


def spoken(speech: Iterable[Prompt], language: str, project: Project) -> float:
    """Return about how many seconds prompts take in a language; what is not there takes none."""
    texts = (project.catalogue.texts.get(prompt.name, {}).get(language) for prompt in speech)
    return sum(_seconds(said, language) for said in texts if said)


# One menu is asked for by every rule and by each of its tries.
@lru_cache(4096)
def _seconds(said: Said, language: str) -> float:
    return sum(
        utterance_seconds(tuple(clauses(part, language))) if isinstance(part, str) else VALUE
        for part in said.parts
    )
