"""docs/settings.md and the file of settings tell every setting there is, with its default."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ivr import config
from ivr.config import Settings
from tests.stage import ROOT

PAGE = ROOT / "docs" / "settings.md"
# `root` is where the file itself is, or IVR_ROOT.
SETTINGS = sorted(set(Settings.model_fields) - {"root"})


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_is_told_with_its_default(name: str) -> None:
    row = re.search(rf"^\| `{name}` \| ([^|]+) \|", PAGE.read_text(), re.M)
    default = Settings.model_construct().model_dump(mode="json")[name]
    told = json.dumps(default).strip('"')
    assert row and (not isinstance(default, str | int) or row[1] == f"`{told}`")
    assert re.search(rf"^(# )?{name}:", (ROOT / config.FILE).read_text(), re.M)


def test_the_file_of_settings_holds_the_defaults(checkout: Path) -> None:
    written = config.settings()
    for name in SETTINGS:
        assert getattr(written, name) == Settings.model_fields[name].default, name
