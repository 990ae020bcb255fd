"""The project as it lies on disk: flows, prompts, services, hours and desks, read and checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ivr.config import FILE, SENDS, Settings
from ivr.errors import FlowError, IvrError, Problem, Where, nearest
from ivr.flow import check as check_flows
from ivr.flow import load as read_flow
from ivr.flow import project, source
from ivr.flow.limits import Limits
from ivr.flow.nodes.queue import MAY_BE_RECORDED
from ivr.flow.project import Project, Sources
from ivr.flow.rules import ways
from ivr.project import reading
from ivr.switch import checks, desk_files, queues
from ivr.switch.desks import Desks
from ivr.switch.queues import Line


@dataclass(frozen=True)
class Checked:
    """A project as it lies on disk, its desks where they can be read, and every mistake."""

    project: Project
    desks: Desks | None
    problems: list[Problem]
    texts: Mapping[str, str]
    sources: Sources


def check(settings: Settings, drafts: Sequence[Path] = ()) -> Checked:
    """Read flows, prompts, services, hours and desks, and check them all together.

    A draft stands in for the file that has the flow of its name. Raises `IvrError` in a folder
    that is no project.
    """
    if not (settings.root / FILE).is_file() and not settings.at(settings.flows).exists():
        raise IvrError(
            f"neither {FILE} nor {settings.flows} is in {settings.root.absolute()}: go to the "
            "folder of the project, or name it by IVR_ROOT"
        )
    problems: list[Problem] = []
    flows = _read(settings, settings.flows, problems)
    for draft in drafts:
        flows = _with_draft(flows, _read(settings, draft.absolute(), problems))
    prompts = _read(settings, settings.prompts, problems)
    written = _read(settings, settings.desks, problems)
    people = _read(settings, settings.agents, problems)
    found, wrong = _furniture(written, people)
    problems += wrong
    skills = {str(name): found.skills(name) for name in found.desks} if found else {}
    promises = {str(name) for name, desk in found.desks.items() if desk.promise} if found else None
    together = Sources(flows, prompts, set(skills) if found else None, skills, promises)
    loaded, wrong = project.read(together)
    limits = Limits(person=settings.person_within, menu=settings.menu_within)
    problems += wrong + check_flows.check(loaded, limits)
    texts = {**flows, **prompts, **written, **people}
    problems += _numbers(settings, loaded, texts)
    problems += _sends(settings, loaded, texts)
    if found:
        problems += _around(settings, loaded, found, written, people)
    return Checked(loaded, found, sorted(set(problems)), texts, together)


def load(settings: Settings, drafts: Sequence[Path] = ()) -> tuple[Project, Desks]:
    """Return a project that may run, and its desks. Raises `FlowError` with every mistake.

    A draft stands in for the file that has the flow of its name.
    """
    checked = whole(settings, drafts)
    assert checked.desks is not None
    return checked.project, checked.desks


def whole(settings: Settings, drafts: Sequence[Path] = ()) -> Checked:
    """Return a project in which nothing is wrong. Raises `FlowError` with every mistake."""
    checked = check(settings, drafts)
    if checked.problems or checked.desks is None:
        raise FlowError(checked.problems)
    return checked


def furniture(settings: Settings) -> Desks:
    """Return the desks and agents. Raises `FlowError` with every mistake in their files."""
    return desk_files.load(settings.at(settings.desks), settings.at(settings.agents))


def lines(settings: Settings, furniture: Desks) -> list[Line]:
    """Return the queues of the desks: their own, and those that the flows on disk ask for."""
    skills = {str(name): furniture.skills(name) for name in furniture.desks}
    together = replace(sources(settings), queues=set(skills), skills=skills)
    return queues.lines(furniture, project.read(together)[0])


def sources(settings: Settings) -> Sources:
    """Return the texts on disk as far as they can be read, right or wrong."""
    flows, prompts = (_read(settings, path, []) for path in (settings.flows, settings.prompts))
    return Sources(flows, prompts)


def _with_draft(flows: Mapping[str, str], draft: Mapping[str, str]) -> dict[str, str]:
    """Return the flows without those that a draft has, and the draft."""
    names = {_flow_name(file, text) for file, text in draft.items()}
    kept = {file: text for file, text in flows.items() if _flow_name(file, text) not in names}
    return {**kept, **draft}


def _flow_name(file: str, text: str) -> str:
    flow, _ = read_flow.flow(file, text)
    return flow.name if flow and flow.name else file


def _read(settings: Settings, path: Path, problems: list[Problem]) -> dict[str, str]:
    """Return the texts of a file, or of a folder's YAML files, by the names messages call them."""
    at = settings.at(path)
    files = sorted(at.glob("*.yaml")) if at.is_dir() else [at]
    texts: dict[str, str] = {}
    for file in files:
        name = str(path) if file == at else f"{path}/{file.name}"
        if file.name.endswith(".test.yaml"):
            continue
        text, problem = reading.text(file, name, settings.root)
        if problem is None:
            texts[name] = text
        else:
            problems.append(problem)
    return texts


def _numbers(settings: Settings, loaded: Project, texts: dict[str, str]) -> Iterator[Problem]:
    """Every number leads to a flow there is."""
    texts[FILE], _ = reading.text(settings.root / FILE, FILE, settings.root)
    tree, _ = source.read(FILE, texts[FILE])
    for number, flow in settings.numbers.items():
        if flow not in loaded.flows:
            where = source.place(tree, ("numbers", number)) if tree else Where(FILE)
            message = f"there is no flow '{flow}'{nearest(flow, loaded.flows)}"
            yield Problem(where, message, "no-such-flow")


def _sends(settings: Settings, loaded: Project, texts: dict[str, str]) -> Iterator[Problem]:
    """Every code of agents leads to a flow there is, which comes back and takes nothing."""
    tree, _ = source.read(FILE, texts[FILE])
    for code, name in settings.sends.items():
        where = source.place(tree, ("sends", code)) if tree else Where(FILE)
        if (flow := loaded.flows.get(name)) is None:
            if SENDS.get(code) == name:  # a project of other flows, which need not say so
                continue
            message = f"there is no flow '{name}'{nearest(name, loaded.flows)}"
            yield Problem(where, message, "no-such-flow")
        elif flow.header.takes:
            message = (
                f"flow '{name}' takes {flow.header.takes[0]}; an agent's code gives it nothing"
            )
            yield Problem(where, message, "not-given")
        elif other := next(ways.people(loaded, flow), None):
            message = f"'{other}' leads to a person; a caller whom an agent sends comes back to her"
            yield Problem(where, message, "leads-away")


def _furniture(
    written: Mapping[str, str], people: Mapping[str, str]
) -> tuple[Desks | None, list[Problem]]:
    if not written or not people:  # told where they were read
        return None, []
    (desks,), (agents,) = written.items(), people.items()
    return desk_files.parse(desks, agents)


def _around(
    settings: Settings,
    loaded: Project,
    found: Desks,
    written: Mapping[str, str],
    people: Mapping[str, str],
) -> Iterator[Problem]:
    """Desks and agents mention what there is, and no number is two things."""
    trees = [source.read(*item)[0] for item in (*written.items(), *people.items())]
    desks, agents = trees
    if desks and agents:
        hours = None if "opening hours" in loaded.unread else loaded.hours
        told = loaded.catalogue.texts.get(MAY_BE_RECORDED.name, {})
        yield from checks.around(
            desks,
            agents,
            found,
            flows=loaded.flows,
            hours=hours,
            numbers=settings.numbers,
            untold=set(loaded.languages) - set(told),
        )
    asked = {str(name): queues.asked(loaded, name) for name in found.desks}
    for name, sets in asked.items():
        if desks and len(sets) > queues.MOST_LINES:
            where = source.place(desks, ("desks", name), key=True)
            message = f"flows ask for more than {queues.MOST_LINES} sets of skills here"
            yield Problem(where, f"{message}, the most a desk can have lines for", "too-many")
