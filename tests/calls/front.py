"""A hotline of one flow and one desk, for tests that harm what is around a call."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.calls.hotline import Hotline
from tests.stage import ROOT

FLOW = """
flow: front
languages: [en]
start: menu
nodes:
  menu:
    menu: main_menu_short
    keys: {1: balance, 2: message, 3: book, 4: told, 5: bye, 6: bye, 0: bye}
    wait: 60s
    otherwise: bye
  balance:
    lookup: billing.balance
    using: {number: $caller.number}
    into: account
    found: told
    missing: sorry
    failed: sorry
  told: {say: thank_you, go: menu}
  sorry: {say: cannot_look_up, go: menu}
  message: {record: after_the_tone, longest: 20s, into: message, go: kept, silent: unkept}
  kept: {say: thank_you, go: menu}
  unkept: {say: cannot_do, go: menu}
  book: {callback: front, promised: bye, declined: menu, impossible: unkept}
  bye: hangup
"""
DESKS = "desks: {front: {members: [1001], hours: front_desk, promise: {within: 1h}}}"
AGENTS = "agents: {1001: {name: Ann}}"


def front(home: Path) -> Hotline:
    """Return one whose desk is open at every hour, which is called at 10086."""
    flows = home / "flows"
    flows.mkdir()
    (flows / "front.yaml").write_text(FLOW)
    shutil.copy(ROOT / "flows" / "services.yaml", flows)
    hours = (ROOT / "flows" / "hours.yaml").read_text()
    (flows / "hours.yaml").write_text(hours.replace("09:00-22:00", "00:00-24:00"))
    (home / "desks.yaml").write_text(DESKS)
    (home / "agents.yaml").write_text(AGENTS)
    furniture = {name: str(home / f"{name}.yaml") for name in ("desks", "agents")}
    numbers = json.dumps({"10086": "front"})
    return Hotline(home, flows=str(flows), numbers=numbers, sends="{}", **furniture)
