"""`ivr doctor` beside a hotline that runs."""

import json

import pytest

from tests.calls.hotline import Hotline

pytestmark = pytest.mark.timeout(120)


def test_a_hotline_that_is_well_is_found_well(hotline: Hotline) -> None:
    done = hotline.ivr("doctor", "--json")
    told = json.loads(done.stdout)
    wrong = [each for each in told["findings"] if each["state"] == "wrong"]
    # How full this machine is, and what other tests left undone, is not asked here.
    assert [each for each in wrong if each["check"] not in ("room", "promises")] == [], wrong
    words = {each["check"]: each["words"] for each in told["findings"]}
    assert words["settings"] == "can be read"
    assert words["ports"] == "held by the hotline here"
    assert "switch " in words["hotline"] and words["desks"].endswith("agents as they are written")
    assert {"version", "agents", "database", "talks", "datagrams"} <= set(words)
