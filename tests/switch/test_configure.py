import re
import stat
from pathlib import Path
from typing import Any

import pytest

from ivr.errors import FlowError
from ivr.switch.configure import write
from ivr.switch.desks import Desks
from ivr.switch.plan import LONGEST_SOCKET
from ivr.switch.softswitch import SwitchError
from tests.switch.plans import a_plan


def sections(text: str) -> list[tuple[str, dict[str, list[str]]]]:
    """Return the sections of a .conf file with the values of each setting, comments dropped."""
    found: list[tuple[str, dict[str, list[str]]]] = []
    for line in (line.split(";")[0].strip() for line in text.splitlines()):
        if line.startswith("["):
            found.append((line, {}))
        elif line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found[-1][1].setdefault(name.strip(), []).append(value.lstrip(">").strip())
    return found


SPOKEN = "${CHANNEL(audionativeformat)}"


def test_everything_is_written_for_its_owner_only(tmp_path: Path) -> None:
    plan = a_plan(tmp_path)
    write(plan)
    files = [path for path in plan.etc.rglob("*") if path.is_file()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    places = (plan.etc, plan.etc / "dialplans", plan.run, plan.state / "log", plan.state / "lib")
    assert {stat.S_IMODE(path.stat().st_mode) for path in places} == {0o700}


def test_every_agent_has_an_endpoint_a_password_and_an_address(tmp_path: Path) -> None:
    plan = a_plan(tmp_path)
    write(plan)
    found = sections((plan.etc / "pjsip.conf").read_text())
    for number, secret in plan.agent_secrets.items():
        parts = {kind: values for kind, values in found if kind.startswith(f"[{number}]")}
        assert set(parts) == {
            f"[{number}](agent)",
            f"[{number}](agent-auth)",
            f"[{number}](agent-aor)",
        }
        assert parts[f"[{number}](agent)"]["auth"] == [number]
        assert parts[f"[{number}](agent)"]["aors"] == [number]
        assert parts[f"[{number}](agent-auth)"]["username"] == [number]
        assert parts[f"[{number}](agent-auth)"]["password"] == [secret]


def test_callers_and_agents_speak_the_codecs_of_the_setting_best_first(tmp_path: Path) -> None:
    plan = a_plan(tmp_path, codecs=("g722", "alaw"))
    write(plan)
    found = sections((plan.etc / "pjsip.conf").read_text())
    allowed = {kind: values["allow"] for kind, values in found if "allow" in values}
    assert allowed == {
        "[callers]": ["!all,g722,alaw"],
        "[agent](!)": ["!all,g722,alaw"],
    }


@pytest.mark.parametrize("codecs", [(), ("opus",), ("alaw", "h264"), ("alaw,all",), ("ALAW",)])
def test_a_codec_the_sounds_have_no_form_for_is_refused(
    tmp_path: Path, codecs: tuple[str, ...]
) -> None:
    with pytest.raises(SwitchError, match="one or more of alaw, ulaw, g722"):
        write(a_plan(tmp_path, codecs=codecs))


def test_queues_are_made_of_desks(tmp_path: Path) -> None:
    plan = a_plan(tmp_path)
    write(plan)
    queue = dict(sections((plan.etc / "queues.conf").read_text()))["[front_desk](queue)"]
    assert queue["strategy"] == ["leastrecent"]
    assert queue["timeout"] == ["20"]
    assert queue["member"] == [
        "PJSIP/1001,0,陈志明,,,5",
        "PJSIP/1002,0,Li Na,,,5",
        "PJSIP/1003,0,黃詠詩,,,5",
    ]


def test_callers_are_passed_on_to_desks_and_agents_and_nowhere_else(tmp_path: Path) -> None:
    plan = a_plan(tmp_path)
    write(plan)
    text = (plan.etc / "dialplans" / "passing.conf").read_text()
    passing = text.split("[passing-on]")[1].split("[passed-on]")[0]
    numbers = re.findall(r"exten => ([^,]+),1,", passing)
    assert numbers == ["801", *map(str, plan.desks.agents)]
    assert "agi://127.0.0.1:4573/roaming_desk" in passing
    endpoints = (plan.etc / "pjsip.conf").read_text()
    agents = endpoints.split("[agent](!)")[1]
    assert "allow_transfer = no" in endpoints.split("[agent](!)")[0]
    assert "allow_transfer = yes" in agents and "TRANSFER_CONTEXT=passing-on" in agents


def test_the_later_one_comes_the_lower_is_her_priority(tmp_path: Path) -> None:
    plan = a_plan(tmp_path)
    write(plan)
    text = (plan.etc / "dialplans" / "passing.conf").read_text()
    assert "Set(QUEUE_PRIO=$[18934560000 - ${IVR_SINCE}])" in text


def test_only_the_numbers_of_the_hotline_can_be_dialled(tmp_path: Path) -> None:
    plan = a_plan(tmp_path, numbers={"10086": "hotline", "+8610086": "热线"})
    write(plan)
    text = (plan.etc / "dialplans" / "hotline.conf").read_text()
    callers = text.split("[callers]")[1].split("[led]")[0]
    assert re.findall(r"exten => ([^,]+),1,", callers) == ["10086", "+8610086"]
    assert re.findall(r"AGI\((.*)\)", callers) == [
        f"agi://127.0.0.1:4573/{flow},the-secret-of-the-switch,${{IVR_AT}},{SPOKEN}"
        for flow in ("hotline", "热线")
    ]
    assert "exten => _" not in text


def test_apologies_come_in_order_before_the_queue(tmp_path: Path) -> None:
    plan = a_plan(tmp_path, apology=("/sounds/cmn/sorry", "/sounds/en/sorry"))
    write(plan)
    text = (plan.etc / "dialplans" / "hotline.conf").read_text()
    last = text.split("[last-resort]")[1]
    assert re.findall(r"(Playback|Queue)\((/[^)]+|front_desk)", last) == [
        ("Playback", "/sounds/cmn/sorry"),
        ("Playback", "/sounds/en/sorry"),
        ("Queue", "front_desk"),
    ]


def test_nobody_dials_a_whisper_and_the_agent_who_answers_ends_it(tmp_path: Path) -> None:
    plan = a_plan(tmp_path)
    write(plan)
    dialplans = [path.read_text() for path in (plan.etc / "dialplans").iterdir()]
    assert not [text for text in dialplans if re.search(r"include\s*=>\s*whisper", text)]
    queues = dict(sections((plan.etc / "queues.conf").read_text()))
    assert queues["[queue](!)"]["membergosub"] == ["agent-answers"]
    (text,) = [text for text in dialplans if "[agent-answers]" in text]
    assert "SoftHangup(Local/${CHANNEL(linkedid)}@whisper,a)" in text


def test_agents_alone_have_the_codes_that_send_a_caller(tmp_path: Path) -> None:
    plan = a_plan(tmp_path, sends={"*71": "enter_pin", "*48": "预约"})
    write(plan)
    features = dict(sections((plan.etc / "features.conf").read_text()))
    assert features["[applicationmap]"] == {
        "send71": ["*71,peer,Gosub(sending,*71,1),waiting"],
        "send48": ["*48,peer,Gosub(sending,*48,1),waiting"],
    }
    assert features["[sending]"] == {"send71": [""], "send48": [""]}
    sending = (plan.etc / "dialplans" / "sending.conf").read_text()
    assert re.findall(r"exten => (\*[0-9]+),1|AGI\(agi://127.0.0.1:4573/([^,]*),.*\)", sending) == [
        ("*71", ""), ("", "enter_pin"), ("*48", ""), ("", "预约"),
    ]  # fmt: skip
    assert "Set(DYNAMIC_FEATURES=sending)" in (plan.etc / "dialplans" / "agents.conf").read_text()
    write(a_plan(tmp_path))
    assert "Set(DYNAMIC_FEATURES=)" in (plan.etc / "dialplans" / "agents.conf").read_text()


def test_ami_may_neither_run_commands_nor_place_calls(tmp_path: Path) -> None:
    plan = a_plan(tmp_path)
    write(plan)
    parts = dict(sections((plan.etc / "manager.conf").read_text()))
    assert parts["[controller]"]["write"] == ["agent,reporting,message"]
    assert parts["[controller]"]["read"] == ["system,agent,user"]
    assert parts["[general]"]["bindaddr"] == ["127.0.0.1"]


def test_no_event_is_made_that_nobody_takes_and_none_taken_is_missing(tmp_path: Path) -> None:
    plan = a_plan(tmp_path)
    write(plan)
    parts = dict(sections((plan.etc / "manager.conf").read_text()))
    never = set(parts["[general]"]["disabledevents"][0].split(","))
    taken = {re.sub(r".*name\((\w+)\).*", r"\1", name) for name in parts["[controller]"]}
    assert {"Newchannel", "Newstate", "Hangup", "DeviceStateChange"} <= never - taken
    assert {"QueueCallerJoin", "AgentConnect", "UserEvent"} <= taken - never
    assert not taken & never


EVIL = ("a\nb", "a\rb", "a\0b", "x;y", "1)", "${SHELL(id)}", "")


@pytest.mark.parametrize("evil", EVIL)
@pytest.mark.parametrize(
    "changes",
    [
        lambda evil: {"numbers": {evil: "hotline"}},
        lambda evil: {"numbers": {"10086": evil}},
        lambda evil: {"sends": {evil: "enter_pin"}},
        lambda evil: {"sends": {"*71": evil}},
        lambda evil: {"ami_secret": f"0123456789abcdef{evil}" if evil else ""},
        lambda evil: {"front_desk": evil},
        lambda evil: {"apology": (evil,)},
        lambda evil: {"sip_host": evil},
    ],
)
def test_no_value_can_bring_in_a_line_of_its_own(tmp_path: Path, changes: Any, evil: str) -> None:
    plan = a_plan(tmp_path, **changes(evil))
    with pytest.raises(SwitchError):
        write(plan)
    assert not plan.etc.exists()


def test_a_secret_that_is_wrong_is_not_shown(tmp_path: Path) -> None:
    secrets = dict.fromkeys(a_plan(tmp_path).agent_secrets, "short-but-secret;")
    plan = a_plan(tmp_path, agent_secrets=secrets)
    with pytest.raises(SwitchError) as refused:
        write(plan)
    assert "short-but-secret" not in str(refused.value) + repr(plan)


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    plan = a_plan(tmp_path, sip_port=0, rtp_ports=(20001, 19000), numbers={"1001": "hotline"})
    with pytest.raises(SwitchError) as refused:
        write(plan)
    told = str(refused.value).splitlines()
    assert len(told) == 3
    assert "1001 is both a number of the hotline and an agent's" in told


def test_an_agent_without_a_secret_is_told(tmp_path: Path) -> None:
    with pytest.raises(SwitchError, match="agent 1002's secret"):
        write(a_plan(tmp_path, agent_secrets={"1001": "x" * 20, "1003": "x" * 20}))


def test_a_second_writing_leaves_nothing_of_the_first(tmp_path: Path) -> None:
    plan = a_plan(tmp_path)
    write(plan)
    (plan.etc / "sorcery.conf").write_text("[res_pjsip]\n")
    desks = Desks.model_validate(
        {"desks": {"front_desk": {"members": ["2001"]}}, "agents": {"2001": {"name": "Ho"}}}
    )
    again = a_plan(tmp_path, desks=desks, agent_secrets={"2001": "s" * 20})
    write(again)
    assert not (plan.etc / "sorcery.conf").exists()
    assert "1001" not in (plan.etc / "queues.conf").read_text()
    assert not list(plan.etc.rglob("*.new"))


def test_a_directory_somebody_else_filled_is_left_alone(tmp_path: Path) -> None:
    plan = a_plan(tmp_path)
    plan.etc.mkdir()
    mine = plan.etc / "pjsip.conf"
    mine.write_text("mine")
    with pytest.raises(SwitchError, match="not ours"):
        write(plan)
    assert mine.read_text() == "mine"


def test_the_control_socket_has_a_short_path_wherever_the_state_is(tmp_path: Path) -> None:
    near, far = a_plan(tmp_path), a_plan(tmp_path / ("x" * 60) / ("y" * 60))
    assert near.run == near.state / "run"
    assert len(str(far.run / "asterisk.ctl")) <= LONGEST_SOCKET
    assert far.run != a_plan(tmp_path / ("x" * 60) / ("z" * 60)).run


def test_a_directory_in_a_shared_place_must_be_our_own(tmp_path: Path) -> None:
    plan = a_plan(tmp_path)
    plan.state.mkdir()
    (tmp_path / "elsewhere").mkdir()
    (plan.state / "run").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SwitchError, match="belongs to somebody else"):
        write(plan)


def test_a_mistake_in_a_template_is_shown_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "rtp.conf").write_text("[general]\nrtpstart = @rtp_strat\n")
    plan = a_plan(tmp_path, templates=tmp_path / "templates", dialplans=tmp_path / "none")
    with pytest.raises(FlowError, match=r"rtp\.conf:2:1: .*did you mean 'rtp_start'"):
        write(plan)


def test_the_rest_of_the_world_is_served_from_any_address(tmp_path: Path) -> None:
    plan = a_plan(tmp_path, sip_host="0.0.0.0")
    write(plan)
    assert "media_address" not in (plan.etc / "pjsip.conf").read_text()
