"""Where things lie is told to whoever keeps them, in docs/what-is-kept.md."""

import re
from pathlib import Path

import pytest

from ivr import config
from ivr.places import Places
from tests.stage import ROOT

TOLD = re.findall(r"`([a-z.]+)/?`", (ROOT / "docs" / "what-is-kept.md").read_text())
NAMES = sorted(name for name, each in vars(Places).items() if isinstance(each, property))


@pytest.mark.parametrize("name", [name for name in NAMES if name != "state"])
def test_every_place_is_in_the_state_directory_and_told(name: str, tmp_path: Path) -> None:
    place: Path = getattr(config.settings(state_dir=tmp_path), name)
    assert place.parent == tmp_path
    assert place.name in TOLD
