"""Settings: the file, the environment over it, options over both."""

from pathlib import Path

import pytest

from ivr import config
from ivr.config import Settings
from ivr.errors import IvrError
from tests.stage import ROOT


@pytest.fixture(autouse=True)
def nothing_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, no_settings: None) -> None:
    """No settings in the environment, and an empty folder to be in."""
    monkeypatch.chdir(tmp_path)


def written(text: str) -> None:
    Path(config.FILE).write_text(text, encoding="utf-8")


def wrong(text: str = "", **options: object) -> str:
    """Return what is said of settings that are wrong."""
    written(text)
    with pytest.raises(IvrError) as fault:
        config.settings(**options)
    return str(fault.value)


def test_without_anything_the_defaults_hold() -> None:
    given = config.settings()
    assert (given.sip_port, given.numbers) == (5060, {"10086": "hotline"})
    assert given.root == Path.cwd()


def test_options_win_over_the_environment_and_that_over_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written("sip_port: 1001\nhttp_port: 1002\nagi_port: 1003\n")
    monkeypatch.setenv("IVR_SIP_PORT", "2001")
    monkeypatch.setenv("IVR_HTTP_PORT", "2002")
    given = config.settings(sip_port=3001, http_port=None)
    assert (given.sip_port, given.http_port, given.agi_port) == (3001, 2002, 1003)


def test_the_shipped_file_says_what_the_defaults_are() -> None:
    written((ROOT / config.FILE).read_text(encoding="utf-8"))
    assert config.settings() == Settings(root=Path.cwd())


def test_the_root_is_the_folder_above_that_has_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    written("state_dir: state")
    deep = tmp_path / "flows" / "deep"
    deep.mkdir(parents=True)
    monkeypatch.chdir(deep)
    assert config.settings().state == tmp_path / "state"
    monkeypatch.setenv("IVR_ROOT", str(deep))
    assert config.settings().state == deep / "var"


def test_a_path_may_be_absolute_or_begin_at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/li")
    given = config.settings(state_dir="/srv/ivr", prompts="~/prompts")
    assert given.state == Path("/srv/ivr")
    assert given.recordings == Path("/srv/ivr/recordings")
    assert given.built == Path("/home/li/prompts/built")
    assert given.records_url == "sqlite+aiosqlite:////srv/ivr/calls.db"


def test_an_unknown_setting_gets_the_nearest() -> None:
    said = wrong("sip_prot: 5061\n")
    assert said == "ivr.yaml: there is no setting 'sip_prot'; did you mean 'sip_port'?"


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http", "1.5", "''"])
def test_a_wrong_port_tells_where_it_may_stand(port: str) -> None:
    said = wrong(f"http_port: {port}\n")
    assert said.startswith("'http_port' (ivr.yaml, IVR_HTTP_PORT or --http-port): ")
    assert said.endswith(f"given: {port.strip(chr(39))}")


@pytest.mark.parametrize("part", ["0%", "100%", "x", "-5%", "5.5%"])
def test_a_part_that_is_none_is_told(part: str) -> None:
    said = wrong(f"canary_worse_by: {part}\n")
    assert "a part such as 5%, from 1% to 99%, is expected" in said


def test_a_part_goes_on_to_the_processes_that_run_the_hotline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(
        "IVR_CANARY_WORSE_BY",
        config.settings(canary_worse_by="12%").environment()["IVR_CANARY_WORSE_BY"],
    )
    assert config.settings().canary_worse_by == 12


@pytest.mark.parametrize(
    ("others", "told"),
    [("sip_host: 192.0.2.7\n", "set 'tls' too"), ("tls: {certificate: a, key: b}\n", "no sound")],
)
def test_phones_in_browsers_want_encryption_and_an_address_of_the_network(
    others: str, told: str
) -> None:
    assert told in wrong(f"{others}wss_port: 8089\n")
    written("sip_host: 192.0.2.7\ntls: {certificate: a, key: b}\nwss_port: 8089\n")
    assert config.settings().wss_port == 8089


def test_all_wrong_settings_are_told_at_once() -> None:
    said = wrong("sip_port: 0\nsip_prot: 1\nrtp_ports: 9-1\n", http_port=0).splitlines()
    assert len(said) == 4
    assert "a range of ports such as 20000-20999 is expected; given: 9-1" in "\n".join(said)


@pytest.mark.parametrize(
    "text",
    [
        "rtp_ports: 20000",
        "rtp_ports: 30000-20000",
        "rtp_ports: 80-2000",
        "rtp_ports: 20000-70000",
        "sip_host: localhost",
        "http_host: 'x; rm'",
        "most_calls: 0",
        "numbers: hotline",
        "sends: {'*21': f}",
        "log_level: LOUD",
        "codecs: []",
        "codecs: [opus]",
        "voices: {cmn: [nobody]}",
        "voices: {fr: [espeak]}",
        "voices: {yue: []}",
        "remember_callers: 90",
        "remember_callers: -1d",
        "call_back_countries: CN",
        "call_back_countries: [CHINA]",
    ],
)
def test_a_setting_that_cannot_be_is_told(text: str) -> None:
    assert wrong(text).startswith(f"'{text.partition(':')[0]}' (ivr.yaml, ")


@pytest.mark.parametrize("text", ["a: [", '"', "\t- x: ]"])
def test_a_file_that_is_no_yaml_is_told_with_its_place(text: str) -> None:
    said = wrong(text)
    assert said.startswith("ivr.yaml: ")
    assert "line " in said and "column " in said


def test_a_file_that_is_no_text_is_told() -> None:
    Path(config.FILE).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(IvrError, match=r"^ivr\.yaml: .*utf-8"):
        config.settings()


def test_an_environment_gives_another_process_the_same_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    written("services: {billing: 'http://127.0.0.1:9'}\nnumbers: {'10086': f, '*1': g}\n")
    given = config.settings(
        sip_port=5070,
        state_dir=tmp_path / "a b",
        database="postgresql+asyncpg://ivr@127.0.0.1/ivr",
        log_level="DEBUG",
        most_calls=7,
        codecs=["g722"],
        voices={"yue": ["command", "espeak"]},
        remember_callers="7d",
    )
    assert "IVR_SENDS" not in given.environment()  # of these the newest are applied
    for name, value in given.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir("/")
    assert config.settings() == given


def test_a_language_whose_voices_are_not_set_keeps_its_own() -> None:
    written("voices: {yue: [recorded, gtts, espeak]}")
    voices = config.settings().voices
    assert voices["yue"] == ("recorded", "gtts", "espeak")
    assert voices["cmn"] == config.VOICES["cmn"]


def test_a_table_of_the_environment_that_is_no_json_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("IVR_NUMBERS", "10086=hotline")
    assert wrong().startswith("IVR_NUMBERS: JSON is expected, such as")


@pytest.mark.parametrize(
    ("ports", "most", "let_in"),
    [
        ("20000-23999", 1000, 1000),
        ("20000-23999", 9, 9),
        ("20000-20010", 9, 2),
        ("20000-20001", 9, 1),
    ],
)
def test_no_more_callers_are_let_in_than_there_are_ports_of_sound_for(
    ports: str, most: int, let_in: int
) -> None:
    assert config.settings(rtp_ports=ports, most_calls=most).calls_at_once == let_in
