"""The examples that the documentation shows are right: they are read, played and compared."""

from __future__ import annotations

import inspect
import json
import re
from datetime import UTC, date
from decimal import Decimal
from pathlib import Path
from textwrap import indent

import pytest
from pydantic import BaseModel

from ivr.commands import schema
from ivr.flow import load, source
from ivr.flow.node import KINDS, Header
from ivr.flow.record import CallRecord
from ivr.flow.rules.fills import KNOWN, WAITING
from ivr.flow.services import Found
from ivr.line.script import ScriptLine
from ivr.past.explain import explain
from ivr.past.replay import replay
from ivr.switch import desk_files
from ivr.trial import given
from tests.pages import AUTHORS, FIRST, PAGES, Block, blocks, described, one
from tests.stage import ROOT, Ledger, path, play, shipped

LANGUAGE = ROOT / "docs" / "flow-language.md"
DESKS = ROOT / "docs" / "desks.md"
ONE_CALL = ROOT / "docs" / "one-call.md"
GENERATED = schema.pages()


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


def test_the_flow_that_is_shown_first_is_the_one_that_is_shipped() -> None:
    assert one(FIRST, "yaml flow") == (ROOT / "flows" / "hello.yaml").read_text()
    assert (ROOT / "prompts" / "hello.yaml").read_text().endswith(one(FIRST, "yaml prompts"))


def test_the_sub_flow_that_is_shown_is_the_one_that_is_shipped() -> None:
    file = (ROOT / "flows" / "whose_number.yaml").read_text()
    assert file.endswith(f"\n{one(AUTHORS, 'yaml sub-flow')}")
