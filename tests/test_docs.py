"""The documentation is true: what it shows is read, run and compared."""

from __future__ import annotations

import inspect
import json
import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date
from decimal import Decimal
from pathlib import Path
from textwrap import indent

import pytest
from pydantic import BaseModel
from typer.testing import CliRunner

from ivr import cli, config
from ivr.commands import schema
from ivr.config import Settings
from ivr.errors import Problem, render
from ivr.flow import check, load, project, source
from ivr.flow.node import KINDS, Header
from ivr.flow.project import Project, Sources
from ivr.flow.record import CallRecord
from ivr.flow.rules.fills import KNOWN, WAITING
from ivr.flow.services import Found
from ivr.flow.speech import Clip
from ivr.line.script import ScriptLine
from ivr.past.explain import explain
from ivr.past.replay import replay
from ivr.speech.voices import Espeak
from ivr.switch import desk_files
from ivr.trial import given
from tests.stage import ROOT, Ledger, path, play, shipped

README = ROOT / "README.md"
AUTHORS = ROOT / "docs" / "authors.md"
FIRST = ROOT / "docs" / "your-first-flow.md"
LANGUAGE = ROOT / "docs" / "flow-language.md"
DESKS = ROOT / "docs" / "desks.md"
SETTINGS_PAGE = ROOT / "docs" / "settings.md"
ONE_CALL = ROOT / "docs" / "one-call.md"
RECORDING = ROOT / "docs" / "recording.md"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
GENERATED = schema.pages()
# What runs without a hotline and without a phone.
OFFLINE = ("check", "draw", "read", "test", "try")
# `root` is where the file itself is, or IVR_ROOT.
SETTINGS = sorted(set(Settings.model_fields) - {"root"})


@dataclass(frozen=True)
class Block:
    """A fenced block: what stands after the fence, its text, its place."""

    tag: str
    text: str
    place: str


def blocks(page: Path, tag: str = "") -> list[Block]:
    """Return the blocks of a page that are tagged so, all if no tag is given."""
    text = page.read_text()
    fences = re.finditer(r"^```([^\n`]*)\n(.*?)^```$", text, re.M | re.S)
    every = [
        Block(f[1], f[2], f"{page.relative_to(ROOT)}:{text[: f.start()].count(chr(10)) + 1}")
        for f in fences
    ]
    return [block for block in every if tag in ("", block.tag)]


def one(page: Path, tag: str) -> str:
    (block,) = blocks(page, tag)
    return block.text


def described(flow: str) -> tuple[Project, list[Problem], str]:
    """Return the project docs/authors.md describes, with this flow, and what is wrong with it."""
    flows = {"flows/plans.yaml": flow}
    flows |= {f"flows/{tag}.yaml": one(AUTHORS, f"yaml {tag}") for tag in ("services", "hours")}
    prompts = {"prompts/plans.yaml": one(AUTHORS, "yaml prompts")}
    loaded, problems = project.read(Sources(flows, prompts, {"front_desk"}))
    problems += check.check(loaded)
    return loaded, problems, render(problems, flows | prompts)


def test_the_flow_shown_to_authors_is_right_and_reads_a_balance() -> None:
    loaded, problems, shown = described(one(AUTHORS, "yaml flow"))
    assert not problems, shown
    account = Found({"balance": Decimal("123.45"), "expires": date(2026, 12, 31), "name": "王"})
    line = ScriptLine(["2", "*"])
    record = play(loaded, line, flow="balance", ledger=Ledger(account))
    assert path(record) == ["welcome", "find", "tell", "bye"]
    assert (record.language, record.speed) == ("en", "75%")
    assert "one hundred and twenty-three yuan" in line.heard[1]


def test_the_mistakes_shown_to_authors_are_what_is_said_of_them() -> None:
    _, problems, shown = described(one(AUTHORS, "yaml mistakes"))
    assert len(problems) == 6
    assert shown + "\n" in [block.text for block in blocks(AUTHORS, "text")]


@pytest.mark.parametrize("name", GENERATED)
def test_what_is_generated_is_written_anew(name: str) -> None:
    assert (ROOT / name).read_text() == GENERATED[name], f"{name} is stale; run: ivr schema"


@pytest.mark.parametrize("model", [Header, *KINDS.values()], ids=lambda model: model.__name__)
def test_every_field_says_what_it_means(model: type[BaseModel]) -> None:
    file = Path(inspect.getfile(model)).relative_to(ROOT)
    for name, field in model.model_fields.items():
        assert field.description, f"{file}: {name} needs Field(description=…)"


@pytest.mark.parametrize("name", [*KNOWN, *(f"waiting.{part}" for part in WAITING)])
def test_every_variable_that_nobody_fills_is_told(name: str) -> None:
    pages = (ROOT / "docs" / "flow-language.md").read_text(), AUTHORS.read_text()
    assert any(re.search(rf"`\${name}\b", page) for page in pages)


@pytest.mark.parametrize("block", blocks(LANGUAGE, "yaml nodes"), ids=lambda block: block.place)
def test_every_node_shown_to_authors_can_be_read(block: Block) -> None:
    nodes = indent(block.text, "  ")
    flow, problems = load.flow("f", f"flow: f\nlanguages: [cmn]\nstart: a\nnodes:\n{nodes}")
    assert flow is not None and flow.nodes and not problems, f"{block.place}: {problems}"


def test_the_desks_shown_to_administrators_are_right() -> None:
    pages = [(f"{name}.yaml", one(DESKS, f"yaml {name}")) for name in ("desks", "agents")]
    _, problems = desk_files.parse(pages[0], pages[1])
    assert not problems


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_yaml_is_shown_that_nothing_reads(page: Path) -> None:
    known = {
        "flow",
        "nodes",
        "prompts",
        "services",
        "hours",
        "desks",
        "agents",
        "mistakes",
        "tests",
    }
    known |= {"fails", "passes", "given", "sub-flow"}
    for block in blocks(page):
        language, _, rest = block.tag.partition(" ")
        assert language != "yaml" or rest in known, f"{block.place}: tell what this YAML is"
        if language == "json":
            json.loads(block.text)


def test_what_is_given_to_a_played_call_can_be_read() -> None:
    tree, problems = source.read("given.yaml", one(AUTHORS, "yaml given"))
    assert tree is not None and not problems
    around, problems = given.read(tree, shipped())
    assert around is not None and not problems
    assert around.agents["front_desk"].after == 20 and around.remembers.language == "yue"


def test_the_call_that_is_told_is_the_one_whose_record_is_shown() -> None:
    record = CallRecord.model_validate_json(one(ONE_CALL, "json record"))
    assert one(ONE_CALL, "text").splitlines() == explain(record, UTC)


def test_the_call_that_is_told_goes_the_same_way_through_the_shipped_flows() -> None:
    record = CallRecord.model_validate_json(one(ONE_CALL, "json record"))
    again = replay(record, shipped())
    assert again.parting is None and not again.ends_elsewhere
    for then, now in zip(record.heard, again.now.heard, strict=True):
        # What is cut ends at an estimate: there another clip, or a full stop, may be whole.
        assert then.prompt == now.prompt
        assert now.text.startswith(then.text) or then.text.startswith(now.text), (then, now)


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_is_told_with_its_default(name: str) -> None:
    row = re.search(rf"^\| `{name}` \| ([^|]+) \|", SETTINGS_PAGE.read_text(), re.M)
    default = Settings.model_construct().model_dump(mode="json")[name]
    told = json.dumps(default).strip('"')
    assert row and (not isinstance(default, str | int) or row[1] == f"`{told}`")
    assert re.search(rf"^(# )?{name}:", (ROOT / config.FILE).read_text(), re.M)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What authors edit, in a place of its own where no hotline runs."""
    for name in ("flows", "prompts", "asterisk-config"):
        (tmp_path / name).mkdir()
        for file in (ROOT / name).glob("*.yaml"):
            shutil.copy(file, tmp_path / name)
    shutil.copy(ROOT / config.FILE, tmp_path)
    for name in SETTINGS:
        monkeypatch.delenv(f"IVR_{name.upper()}", raising=False)
    monkeypatch.setenv("IVR_ROOT", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_file_of_settings_holds_the_defaults(checkout: Path) -> None:
    written = config.settings()
    for name in SETTINGS:
        assert getattr(written, name) == Settings.model_fields[name].default, name


def commands(text: str) -> Iterator[tuple[list[str], str]]:
    """Return each offline `ivr …` of a console block, with the output shown below it."""
    for part in re.split(r"^\$ ", text, flags=re.M)[1:]:
        line, _, shown = part.partition("\n")
        words = shlex.split(line.removeprefix(".venv/bin/"))
        if words[0] == "ivr" and words[1] in OFFLINE:
            yield words[1:], shown


def change(checkout: Path, diff: str) -> None:
    """Make the change that a block of a diff shows; its lines must stand in the file once.

    One that only adds lines may make the file.
    """
    head, _, body = diff.partition("\n")
    file = checkout / head.removeprefix("--- ")
    lines = body.splitlines(keepends=True)
    old = "".join(line[1:] for line in lines if line[0] in " -")
    new = "".join(line[1:] for line in lines if line[0] in " +")
    text = file.read_text() if old or file.exists() else ""
    assert old or not text, f"{file.name} is there already"
    assert not old or text.count(old) == 1, f"{file.name} does not hold once:\n{old}"
    file.write_text(text.replace(old, new) if old else new)


def no_version(text: str) -> str:  # it changes with every word of every prompt
    return no_seconds(re.sub(r"version [0-9a-f]{10}", "version …", text))


def no_seconds(text: str) -> str:  # they are the machine's
    return re.sub(r"in [0-9.]+ s\n", "in … s\n", text)


@pytest.mark.parametrize("page", [README, AUTHORS, FIRST], ids=lambda page: page.name)
def test_commands_say_what_is_shown(page: Path, checkout: Path) -> None:
    ran = 0
    for block in blocks(page):
        if block.tag == "diff":
            change(checkout, block.text)
        elif block.tag == "console":
            for words, shown in commands(block.text):
                said = CliRunner().invoke(cli.app, words)
                fails = shown.endswith("to mend\n")
                assert said.exit_code == fails, f"{block.place}: {words}: {said.output}"
                assert no_version(said.output) == no_version(shown), f"{block.place}: {words}"
                ran += 1
    assert ran >= 3


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    prose = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.M | re.S)
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        if target.startswith(("http://", "https://")):
            continue
        file, _, heading = target.partition("#")
        there = (page.parent / file).resolve() if file else page
        assert there.exists(), f"{page.name} links to {target}"
        assert not heading or heading in headings(there), f"{page.name} links to {target}"


def headings(page: Path) -> set[str]:
    """Return the anchors that GitHub gives the headings of a page."""
    found = re.findall(r"^#+ (.+)$", page.read_text(), re.M)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in found}


@pytest.fixture
def studio(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout without recordings, beside a folder that a studio has sent."""
    monkeypatch.chdir(checkout)
    monkeypatch.setenv("IVR_VOICES", json.dumps({"cmn": ["recorded", "espeak"]}))
    (checkout / "from-studio").mkdir()
    for name, text in (("welcome.1", "欢迎致电"), ("welcome.2", "请按一"), ("welcom.2", "请按一")):
        Espeak().speak(Clip(text, "cmn"), checkout / "from-studio" / f"cmn.{name}.wav")
    return checkout


def test_what_is_shown_to_who_records_is_what_is_said(studio: Path) -> None:
    def alike(text: str) -> list[str]:
        """Leave out spaces, lengths, which are the recording's, and what a bar shows instead."""
        without_bar = re.sub(r"^\w+: \d+ of \d+$", "", text, flags=re.M)
        return re.sub(r"\d+\.\d+", "…", without_bar).split()

    ran = 0
    for block in blocks(RECORDING, "console"):
        for part in re.split(r"^\$ ", block.text, flags=re.M)[1:]:
            line, _, shown = part.partition("\n")
            said = CliRunner().invoke(cli.app, shlex.split(line)[1:])
            assert alike(said.output) == alike(shown), f"{block.place}: {line}"
            ran += 1
    assert ran == 2


def typed(page: Path) -> Iterator[list[str]]:
    """Yield the words of each `ivr …` that a page shows as a command, whoever runs it."""
    for block in blocks(page, "console"):
        for line in re.split(r"\n|&&", block.text.replace("\\\n", " ")):
            if command := re.match(r"\s*(?:\$ )?(?:sudo -u ivr )?(?:\.venv/bin/)?ivr (.*)", line):
                yield shlex.split(re.split(r" [>|] ", command[1])[0], comments=True)


def test_every_command_shown_can_be_typed(checkout: Path) -> None:
    shown = [(page, words) for page in PAGES for words in typed(page)]
    assert len(shown) >= 90
    for page, words in shown:
        # Every word is read, and no command runs that is asked for its help.
        said = CliRunner().invoke(cli.app, [*words, "--help"])
        assert said.exit_code == 0, f"{page.name}: {words}: {said.output}"


def test_the_rows_and_columns_shown_to_who_records_are_those_of_the_sheet(studio: Path) -> None:
    printed = CliRunner().invoke(cli.app, ["prompts", "list", "--csv", "--language", "yue"]).stdout
    head, *rows = no_line(printed.lstrip("\ufeff")).splitlines()
    for line in no_line(one(RECORDING, "csv")).splitlines():
        assert line in rows
    section = RECORDING.read_text().partition("| column |")[2].partition("\n\n")[0]
    shown = [
        name for first in re.findall(r"^\|([^|]+)\|", section, re.M) for name in _ticked(first)
    ]
    assert shown == head.split(",")


def no_line(text: str) -> str:  # it changes with every prompt before it
    return re.sub(r"\.yaml:\d+", ".yaml:…", text)


def _ticked(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def test_the_flow_that_is_shown_first_is_the_one_that_is_shipped() -> None:
    assert one(FIRST, "yaml flow") == (ROOT / "flows" / "hello.yaml").read_text()
    assert (ROOT / "prompts" / "hello.yaml").read_text().endswith(one(FIRST, "yaml prompts"))


def test_the_sub_flow_that_is_shown_is_the_one_that_is_shipped() -> None:
    file = (ROOT / "flows" / "whose_number.yaml").read_text()
    assert file.endswith(f"\n{one(AUTHORS, 'yaml sub-flow')}")
