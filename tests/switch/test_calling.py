"""Toll fraud: of all that can be dialled or passed on to, nothing leads to the trunk."""

from __future__ import annotations

import re
from pathlib import Path

from ivr.switch.configure import write
from tests.switch.plans import a_plan
from tests.switch.test_configure import sections

TRUNK = "192.0.2.1:5060"
# Where calls come in, and where phones may lead them: contexts and transfers of pjsip.conf, the
# Local channels of the controller (ivr/line/channel.py), what Asterisk takes by itself.
ENTRANCES = ("callers", "agents", "passing-on", "nowhere", "default", "consulting", "led")
# Only call files of the controller lead here.
OURS = ("standing-in", "calling-back", "calling-first", "called-first", "whom-to-dial")


def contexts(etc: Path) -> dict[str, str]:
    """Return the text of each context of the dialplan, without comments."""
    texts = (path.read_text() for path in sorted((etc / "dialplans").glob("*.conf")))
    lines = (line.split(" ;")[0] for text in texts for line in text.splitlines())
    whole = "\n".join(line for line in lines if not line.startswith(";"))
    parts = re.split(r"(?m)^\[([^\]]+)\]$", whole)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def reached(known: dict[str, str], start: str) -> set[str]:
    """Return every context whose name stands in a context that can be reached."""
    found, new = set[str](), {start}
    while new:
        name = new.pop()
        found.add(name)
        text = known.get(name, "")
        named = {n for n in known if re.search(rf"(?<![\w-]){re.escape(n)}(?![\w-])", text)}
        new |= named - found
    return found


def test_no_context_for_callers_or_agents_leads_to_the_trunk(tmp_path: Path) -> None:
    plan = a_plan(tmp_path, trunk=TRUNK)
    write(plan)
    known = contexts(plan.etc)
    to_trunk = [name for name, text in known.items() if "@trunk" in text]
    assert to_trunk == ["calling-back", "calling-first"]
    endpoints = sections((plan.etc / "pjsip.conf").read_text())
    entered = {name for _, values in endpoints for name in values.get("context", ())}
    assert entered <= set(ENTRANCES)
    for entrance in ENTRANCES:
        assert not reached(known, entrance) & set(OURS), entrance


def test_the_trunk_takes_calls_out_and_nothing_else(tmp_path: Path) -> None:
    plan = a_plan(tmp_path, trunk=TRUNK)
    write(plan)
    found = sections((plan.etc / "pjsip.conf").read_text())
    endpoint, aor = (values for kind, values in found if kind == "[trunk]")
    assert aor["contact"] == [f"sip:{TRUNK}"] and aor["qualify_frequency"] == ["20"]
    assert endpoint["context"] == ["nowhere"] and endpoint["allow_transfer"] == ["no"]
    assert "nowhere" not in contexts(plan.etc)


def test_without_a_trunk_there_is_none(tmp_path: Path) -> None:
    plan = a_plan(tmp_path)
    write(plan)
    assert "[trunk]" not in (plan.etc / "pjsip.conf").read_text()


def test_only_a_number_that_the_controller_tells_is_dialled(tmp_path: Path) -> None:
    plan = a_plan(tmp_path, trunk=TRUNK)
    write(plan)
    known = contexts(plan.etc)
    for name in ("calling-back", "calling-first"):
        steps = _steps(known[name])
        dial = next(n for n, (step, _) in enumerate(steps) if step == "Dial")
        assert steps[dial - 2 : dial] == [
            ("Gosub", "whom-to-dial,s,1"),
            ("GotoIf", "$[${LEN(${IVR_TO})} = 0]?over"),
        ]
        assert steps[dial][1].startswith("PJSIP/${IVR_TO}@trunk,45,g")
    # Nothing of before stands there when the controller says nothing.
    asked = _steps(known["whom-to-dial"])
    assert asked[0] == ("Set", "IVR_TO=")
    assert (
        asked[1][1]
        == "agi://127.0.0.1:4573/agent/call-back?token=${IVR_TOKEN},the-secret-of-the-switch"
    )


def _steps(text: str) -> list[tuple[str, str]]:
    return re.findall(r"(?m)^(?:exten => \S+?,1|\s*same => n(?:\(\w+\))?),(\w+)\((.*)\)$", text)
