"""`ivr test --on-asterisk`: what tests say of flows is true of real calls."""

from pathlib import Path
from textwrap import dedent

import pytest

from tests.calls.hotline import Hotline

pytestmark = pytest.mark.timeout(240)

HOTLINE = """
    flow: hotline
    given:
      caller: "13800138000"
      billing.balance: {"13800138000": {balance: 123.45, expires: 2026-12-31}}
    calls:
      - name: slower while the balance is told, and then a person who answers after a while
        given: {agents: {front_desk: 1002 answers after 2s}}
        does: ["2", "1", "* during 有效期", "0"]
        hears: [你嘅話費餘額係, 一百二十三蚊四毫半, 有效期到]
        ends: {queue: front_desk, outcome: answered, language: yue, speed: 90%}
      - name: the back end is down, nobody is there, and she leaves a message
        given: {billing.balance: fails, agents: {front_desk: nobody}}
        does: ["3", "1"]
        hears: [cannot_look_up, nobody_free, after_the_tone, thank_you]
        ends: hangup
      - name: she hangs up in the menu
        does: ["1", hangup during 话费]
        ends: {outcome: abandoned, node: menu}
"""


def placed(home: Path, calls: str) -> tuple[int, str]:
    """Place the calls of a file of tests on an Asterisk of their own; return what is told."""
    file = home / "hotline.test.yaml"
    file.write_text(dedent(calls))
    said = Hotline(home).ivr("test", "--on-asterisk", str(file), within=200)
    return said.returncode, said.stdout + said.stderr


def test_real_calls_go_as_the_simulator_says(tmp_path: Path) -> None:
    status, said = placed(tmp_path, HOTLINE)
    assert status == 0, said
    assert "3 real calls, all as expected and as simulated" in said
    assert "Traceback" not in said and "Warning" not in said


def test_a_real_call_that_is_not_as_expected_is_shown_beside_the_simulated_one(
    tmp_path: Path,
) -> None:
    wrong = """
        flow: hotline
        calls:
          - name: she hears what is not said
            does: ["3", hangup during balance]
            hears: [thank_you]
    """
    status, said = placed(tmp_path, wrong)
    assert status == 1
    assert "she hears what is not said" in said
    assert ">>> from here on this is not heard: thank_you" in said
    both = next(line for line in said.splitlines() if "■" in line)
    assert both.count("abandoned: the caller hung up in 'menu'") == 2 and "│" in both
