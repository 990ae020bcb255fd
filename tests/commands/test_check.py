"""What `ivr check` tells of recordings, beside the rules of flows."""

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ivr.cli import app
from ivr.config import FILE
from tests.stage import ROOT


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_settings: None) -> Path:
    """What authors edit, and the shipped recordings."""
    for name in ("flows", "asterisk-config"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copytree(
        ROOT / "prompts", tmp_path / "prompts", ignore=shutil.ignore_patterns("takes", "built")
    )
    (tmp_path / "prompts/takes").symlink_to(ROOT / "prompts/takes")
    shutil.copy(ROOT / FILE, tmp_path)
    monkeypatch.setenv("IVR_ROOT", str(tmp_path))
    return tmp_path


def check(*flows: str) -> Result:
    return CliRunner().invoke(app, ["check", *flows])


def test_the_shipped_recordings_are_those_of_the_prompts(checkout: Path) -> None:
    assert check().exit_code == 0, check().output


def test_a_recording_whose_prompt_has_other_words_is_told_at_the_prompt(checkout: Path) -> None:
    prompts = checkout / "prompts/hotline.yaml"
    text = prompts.read_text()
    old = "Thank you for calling. Goodbye."
    assert text.count(old) == 1
    prompts.write_text(text.replace(old, "Thanks for calling us. Goodbye."))
    line = text[: text.index(old)].count("\n") + 1
    told = check()
    assert told.exit_code == 1
    assert f"prompts/hotline.yaml:{line}:7: 'en.thank_you.1' is recorded with other words" in (
        told.output
    )
    assert "'Thank you for calling.'" in told.output and "[stale-take]" in told.output


def test_a_mistake_of_a_flow_is_told_first(checkout: Path) -> None:
    prompts = checkout / "prompts/hotline.yaml"
    prompts.write_text(prompts.read_text().replace("Thank you for calling", "Thanks"))
    flow = checkout / "flows/hotline.yaml"
    flow.write_text(flow.read_text().replace("go: thanks", "go: thnks", 1))
    told = check()
    assert "[no-such-node]" in told.output and "stale-take" not in told.output


@pytest.mark.parametrize("text", ["", "flow: [", "- 1", "flow: shop"])
def test_a_flow_that_cannot_be_read_is_known_by_the_name_of_its_file(
    checkout: Path, text: str
) -> None:
    (checkout / "flows/shop.yaml").write_text(text)
    told = check("shop")
    assert told.exit_code == 1 and "flows/shop.yaml:" in told.output
    assert "there is no flow 'shop'" not in told.output


def test_who_names_a_file_is_told_the_flow_in_it(checkout: Path) -> None:
    told = check("flows/hello.yaml")
    assert "there is no flow 'flows/hello.yaml'; did you mean 'hello'?" in told.output
