"""The bill of what is installed, and the audit, which says so where it could not ask."""

import json
import os
import re
from pathlib import Path

from tests.stage import ROOT
from tests.supply import CLEAN, FOUND, LOCKS, NOT_ASKED, audit, bill, verdict

SKIPPED = {"name": "b", "skip_reason": "Dependency not found on PyPI: b (2.0)"}
FINE = {"name": "a", "version": "1.0", "vulns": []}
WRONG = {
    "name": "c",
    "version": "3.0",
    "vulns": [{"id": "PYSEC-2026-1", "fix_versions": ["3.1"], "aliases": []}],
}


def test_the_bill_names_every_package_with_the_hashes_of_its_files(tmp_path: Path) -> None:
    lock = ROOT / LOCKS["voices"]
    bill(lock, tmp_path / "bill" / "voices.cdx.json")
    told = json.loads((tmp_path / "bill" / "voices.cdx.json").read_text())
    assert told["bomFormat"] == "CycloneDX"
    named = {f"{part['name']}=={part['version']}": part for part in told["components"]}
    assert set(named) == set(re.findall(r"^([\w.-]+==[\w.]+)", lock.read_text(), re.M))
    for part in named.values():
        assert part["externalReferences"][0]["hashes"], part["name"]


def test_what_is_known_is_told_with_the_version_that_mends_it() -> None:
    found = verdict({"dependencies": [FINE, WRONG, SKIPPED]})
    assert found.status == FOUND
    assert found.lines[0] == "c 3.0: PYSEC-2026-1, mended in 3.1"
    assert found.lines[1].startswith("1 of 3 could not be asked about: ")


def test_what_was_not_asked_is_no_success() -> None:
    assert verdict({"dependencies": [FINE]}).status == CLEAN
    assert verdict({"dependencies": [FINE, SKIPPED]}).status == NOT_ASKED
    assert verdict({"dependencies": []}).status == NOT_ASKED


def test_offline_the_audit_says_so(tmp_path: Path) -> None:
    # A port of this machine at which nothing answers stands for the whole network.
    nowhere = dict.fromkeys(("https_proxy", "HTTPS_PROXY"), "http://127.0.0.1:1")
    cache = {"PIP_CACHE_DIR": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)}
    found = audit(ROOT / LOCKS["hearing"], {**os.environ, **nowhere, **cache})
    assert found.status == NOT_ASKED
    assert found.lines[0].startswith("nothing could be asked: ")
    assert "127.0.0.1" in found.lines[0]
