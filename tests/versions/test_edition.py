"""Editions: what a version needs to lead calls."""

from pathlib import Path

import pytest

from ivr.config import Settings
from ivr.errors import FlowError, IvrError
from ivr.flow.project import Sources
from ivr.flow.services import Declared
from ivr.services.http import Services
from ivr.speech.clips import Clips
from ivr.speech.shelf import Shelf
from ivr.speech.takes import Takes
from ivr.versions.edition import Press
from tests.editions import written


def a_press(folder: Path, flow: str = "f") -> Press:
    """A press in a folder where nothing was recorded and nothing built."""
    settings = Settings(root=folder, numbers={"10086": flow})
    clips = Clips(folder / "built", Takes(folder), {}, {})
    return Press(
        settings, {"desk"}, clips, Shelf(folder), Services(Declared({}, {})), lambda own: own
    )


def silent() -> Sources:
    """A version that says nothing, so that no sound is missing."""
    return Sources({"flows/f.yaml": "flow: f\nlanguages: [en]\nstart: a\nnodes: {a: hangup}"}, {})


async def test_a_version_is_made_ready_and_a_draft_is_named_one(tmp_path: Path) -> None:
    press = a_press(tmp_path)
    assert (await press.edition(silent())).version == silent().version
    draft = await press.edition(silent(), is_draft=True)
    assert draft.version == f"{silent().version}-draft"


async def test_a_version_that_could_not_speak_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IvrError, match="sounds are not built, such as"):
        await a_press(tmp_path).edition(written("a"))


async def test_a_version_without_the_flow_of_a_number_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IvrError, match="has no flow 'g', which answers 10086"):
        await a_press(tmp_path, "g").edition(silent())


async def test_a_version_with_mistakes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FlowError):
        await a_press(tmp_path).edition(Sources({"flows/f.yaml": "flow: ["}, {}))
