"""Encryption: a certificate to try it with, what is told of a wrong one, what the switch gets."""

import ssl
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from ivr.switch import tls
from ivr.switch.configure import write
from ivr.switch.desk_files import load
from ivr.switch.plan import HOME
from ivr.switch.softswitch import SwitchError
from ivr.switch.tls import Tls
from tests.switch.plans import a_plan
from tests.switch.test_configure import sections


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("made") / "tls"
    return tls.make(folder, ["hotline.example", "192.0.2.7"])


def test_what_is_made_proves_its_names_and_its_key_is_private(made: tuple[Path, Path]) -> None:
    certificate, key = made
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(key.parent.stat().st_mode) == 0o700
    context = ssl.create_default_context(cafile=certificate)
    names = dict(context.get_ca_certs()[0])["subjectAltName"]
    assert set(names) == {("DNS", "hotline.example"), ("IP Address", "192.0.2.7")}
    assert tls.trouble(certificate, key) == ""


def test_one_that_is_there_is_not_written_over(made: tuple[Path, Path]) -> None:
    with pytest.raises(SwitchError, match="there is one in"):
        tls.make(made[0].parent, ["hotline.example"])


@pytest.mark.parametrize("host", ["a b", "x,DNS:evil.example", "", "例", "x/O=y"])
def test_what_is_no_name_is_refused(tmp_path: Path, host: str) -> None:
    with pytest.raises(SwitchError, match="is no name or address"):
        tls.make(tmp_path / "tls", [host])


def test_what_cannot_be_used_is_told(made: tuple[Path, Path], tmp_path: Path) -> None:
    _, key = made
    assert "`ivr certificate` makes one" in tls.trouble(tmp_path / "none.crt", key)
    assert "are no certificate and its key" in tls.trouble(key, key)
    other, _ = tls.make(tmp_path / "tls", ["other.example"])
    assert "are no certificate and its key" in tls.trouble(other, key)
    plan = a_plan(tmp_path, tls=Tls(5061, other, key))
    with pytest.raises(SwitchError, match="are no certificate and its key"):
        write(plan)


def test_agents_are_given_encryption_and_nothing_else(
    made: tuple[Path, Path], tmp_path: Path
) -> None:
    plan = a_plan(tmp_path, tls=Tls(5061, *made))
    write(plan)
    parts = dict(sections((plan.etc / "pjsip.conf").read_text()))
    agent = parts["[agent](!)"]
    assert (agent["transport"], agent["media_encryption"]) == (["tls"], ["sdes"])
    assert parts["[tls]"]["bind"] == ["127.0.0.1:5061"]
    assert "load = res_srtp.so" in (plan.etc / "modules.conf").read_text()
    write(replace(plan, tls=None))
    text = (plan.etc / "pjsip.conf").read_text()
    assert "[tls]" not in text and "media_encryption" not in text
    assert "res_srtp" not in (plan.etc / "modules.conf").read_text()


def test_there_is_a_door_for_browsers_when_it_is_wanted_and_else_none(
    made: tuple[Path, Path], tmp_path: Path
) -> None:
    agents, desks = tmp_path / "agents.yaml", HOME / "asterisk-config/desks.yaml"
    text = (HOME / "asterisk-config/agents.yaml").read_text()
    agents.write_text(text.replace("name: 黃詠詩", "name: 黃詠詩, browser: true"))
    plan = a_plan(tmp_path, desks=load(desks, agents), tls=Tls(5061, *made, 8089))
    write(replace(plan, sip_host="192.0.2.7"))
    parts = dict(sections((plan.etc / "pjsip.conf").read_text()))
    assert "[1003](browser)" in parts and "[1001](agent)" in parts
    assert (parts["[browser](!,agent)"]["webrtc"], parts["[wss]"]["protocol"]) == (["yes"], ["wss"])
    http = dict(sections((plan.etc / "http.conf").read_text()))["[general]"]
    assert (http["enabled"], http["tlsbindaddr"]) == (["no"], ["192.0.2.7:8089"])
    rtp = dict(sections((plan.etc / "rtp.conf").read_text()))["[general]"]
    assert (rtp["icesupport"], rtp["ice_permit"]) == (["yes"], ["192.0.2.7/255.255.255.255"])
    with pytest.raises(SwitchError, match="1003 talks from a browser, for which wss_port"):
        write(replace(plan, tls=Tls(5061, *made)))
    write(a_plan(tmp_path, tls=Tls(5061, *made)))
    for file, name in (("pjsip", "wss"), ("modules", "websocket"), ("http", "tls")):
        assert name not in (plan.etc / f"{file}.conf").read_text()
    assert "icesupport = no" in (plan.etc / "rtp.conf").read_text()
