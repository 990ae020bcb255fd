"""Settings: the file, the environment over it, options over both; and the project's files."""

import os
from pathlib import Path

import pytest

from ivr import config
from ivr.config import Settings
from ivr.errors import FlowError, IvrError
from tests.stage import HOURS, PROMPTS, ROOT, SERVICES

FLOW = "flow: f\nlanguages: [cmn]\nstart: a\nnodes: {a: {say: hello}}\n"


@pytest.fixture(autouse=True)
def nothing_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings in the environment, and an empty folder to be in."""
    for name in [name for name in os.environ if name.startswith("IVR_")]:
        monkeypatch.delenv(name)
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
        "log_level: LOUD",
        "codecs: []",
        "codecs: [opus]",
        "voices: {cmn: [nobody]}",
        "voices: {fr: [espeak]}",
        "voices: {yue: []}",
        "remember_callers: 90",
        "remember_callers: -1d",
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
    for name, value in given.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir("/")
    assert config.settings() == given


DESKS = "queues: {desk: {members: [1001]}}\nagents: {1001: {name: Li Na}}\n"


def a_project(tmp_path: Path, numbers: str = "{'1': f}", **flows: str | bytes) -> Settings:
    """Settings of a project with these flows, and one that is right unless another is given."""
    texts: dict[str, str | bytes] = {"services": SERVICES, "hours": HOURS, "f": FLOW, **flows}
    files = {f"flows/{name}.yaml": text for name, text in texts.items()}
    files |= {"prompts/p.yaml": PROMPTS, "desks.yaml": DESKS}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(text.encode() if isinstance(text, str) else text)
    written(f"desks: desks.yaml\nnumbers: {numbers}\n")
    return config.settings()


def problems(given: Settings) -> list[str]:
    """Return what is wrong with a project, which then cannot be loaded either."""
    found = config.check(given).problems
    with pytest.raises(FlowError) as fault:
        config.load(given)
    assert fault.value.problems == found
    return [str(problem) for problem in found]


def test_a_language_whose_voices_are_not_set_keeps_its_own() -> None:
    written("voices: {yue: [recorded, gtts, espeak]}")
    voices = config.settings().voices
    assert voices["yue"] == ("recorded", "gtts", "espeak")
    assert voices["cmn"] == config.VOICES["cmn"]


def test_files_are_called_as_their_author_calls_them(tmp_path: Path) -> None:
    given = a_project(tmp_path, f="\ufeff" + FLOW, **{"f.test": "calls: []"})
    found = config.check(given)
    assert found.problems == []
    assert set(found.texts) >= {"flows/f.yaml", "prompts/p.yaml", "desks.yaml", "ivr.yaml"}
    assert found.texts["flows/f.yaml"] == FLOW  # without the mark some editors begin with
    assert "flows/f.test.yaml" not in found.texts
    loaded, furniture = config.load(given)
    assert (set(loaded.flows), set(loaded.queues)) == ({"f"}, {"desk"})
    assert list(furniture.agents) == ["1001"]


def test_every_file_that_cannot_be_read_is_a_problem_with_a_place(tmp_path: Path) -> None:
    given = a_project(tmp_path, gbk="flow: 余额".encode("gbk"))
    (tmp_path / "flows" / "folder.yaml").mkdir()
    (tmp_path / "flows" / "gone.yaml").symlink_to(tmp_path / "nowhere")
    said = problems(given)
    assert len(said) == 3
    for text, place in zip(said, ("folder.yaml:1:1", "gbk.yaml:1:7", "gone.yaml:1:1"), strict=True):
        assert text.startswith(f"flows/{place}: ")
        assert text.endswith("[unreadable]")


@pytest.mark.parametrize("setting", ["flows", "prompts", "desks"])
def test_what_is_not_where_the_settings_say_is_a_problem(tmp_path: Path, setting: str) -> None:
    a_project(tmp_path)
    wanted = "dseks.yaml" if setting == "desks" else "flwos"
    said = problems(config.settings(**{setting: Path(wanted)}))
    assert any(text.startswith(f"{wanted}:1:1: ") and "[unreadable]" in text for text in said)


def test_a_number_that_leads_to_no_flow_gets_the_nearest(tmp_path: Path) -> None:
    hotline = FLOW.replace("flow: f", "flow: hotline")
    numbers = "{'1': f, '10086': hotlin, '10010': hotline}"
    assert problems(a_project(tmp_path, numbers, hotline=hotline)) == [
        "ivr.yaml:2:28: there is no flow 'hotlin'; did you mean 'hotline'? [no-such-flow]"
    ]


def test_a_promise_within_hours_there_are_not_gets_the_nearest(tmp_path: Path) -> None:
    given = a_project(tmp_path)
    promise = "{promise: 1h, hours: dask, members"
    (tmp_path / "desks.yaml").write_text(DESKS.replace("{members", promise))
    (told,) = problems(given)
    assert "there are no opening hours 'dask'; did you mean 'desk'?" in told
    assert told.startswith("desks.yaml:")


def test_all_mistakes_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    broken = FLOW.replace("start: a", "start: b").replace("hello", "helo")
    given = a_project(tmp_path, "{'1': x}", f=broken, hours="desk: {open: always}")
    (tmp_path / "desks.yaml").write_text(DESKS.replace("[1001]", "[1002]"))
    said = "\n".join(problems(given))
    for rule in ("no-such-node", "no-such-prompt", "no-such-flow", "no-such-agent"):
        assert f"[{rule}]" in said
    assert "flows/hours.yaml:" in said


def test_a_table_of_the_environment_that_is_no_json_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("IVR_NUMBERS", "10086=hotline")
    assert wrong().startswith("IVR_NUMBERS: JSON is expected, such as")


def test_a_folder_that_is_no_project_is_told() -> None:
    with pytest.raises(IvrError, match="go to the folder of the project, or name it by IVR_ROOT"):
        config.check(config.settings())
