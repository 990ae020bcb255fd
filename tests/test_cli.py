"""The commands, as a person types them."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ivr.cli import COMMANDS, ROOMS, app
from ivr.running import secrets
from tests.ports import free_port
from tests.stage import ROOT

Ivr = Callable[..., Result]
PORTS = ("SIP", "HTTP", "AGI", "AMI", "BACKEND")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def ivr(state: Path, monkeypatch: pytest.MonkeyPatch, no_settings: None) -> Ivr:
    """Run `ivr` in the shipped project, with a state and ports of its own."""
    settings = {"ROOT": str(ROOT), "STATE_DIR": str(state)}
    settings |= {f"{name}_PORT": str(free_port()) for name in PORTS}
    for name, value in settings.items():
        monkeypatch.setenv(f"IVR_{name}", value)
    monkeypatch.setenv("COLUMNS", "200")
    return lambda *words: CliRunner().invoke(app, words)


def said(result: Result, code: int = 0) -> str:
    """Return what a command that ended so said: its output, or its complaint."""
    assert result.exit_code == code, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    if code:
        assert "Traceback" not in result.stderr
        return result.stderr
    assert result.stderr == ""
    return result.stdout


@pytest.mark.parametrize(
    ("words", "spoken"),
    [
        ("number -3 --language en", "minus three"),
        ("number -3", "负三"),
        ("money 1010.05", "一千零一十元零五分"),
        ("money -1010.05 --language yue", "欠費一千零一十蚊零五仙"),
        ("money -1010.05 --language en", "one thousand and ten yuan and five fen owing"),
        ("--language en number -3", "minus three"),
        ("count 2 条", "两条"),
        ("money 12.50 HKD --language en", "twelve Hong Kong dollars and fifty cents"),
        ("data 1.5GB", "一点五G"),
        ("phone 13800138000", "幺三八零零幺三八零零零"),
        ("digits 1024", "幺零二四"),
        ("time 15:05 --language cmn", "下午三点零五分"),
        ("duration 150m --language en", "two hours and thirty minutes"),
    ],
)
def test_a_value_is_read_on_one_line(ivr: Ivr, words: str, spoken: str) -> None:
    read = said(ivr("read", *words.split()))
    assert read.replace(" ", "") == spoken.replace(" ", "") + "\n"
    assert read.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "lesson"),
    [
        (("mony", "5"), "there is no kind 'mony'; did you mean 'money'?"),
        (("colour", "5"), "the kinds are "),
        (("number", "5", "--language", "yeu"), "did you mean 'yue'?"),
        (("number", "5", "--language", "fr"), "the languages are "),
        (("money", "1,010"), "no commas"),
        (("money", "1e9"), "no exponent"),
        (("number", ""), "digits 0-9 are expected"),
        (("date", "22.11.2026"), "2026-11-22"),
        (("time", "25:00"), "15:05"),
        (("phone", "[red]x[/red]"), "[red]x[/red]"),  # shown, not taken for a colour
    ],
)
def test_a_value_that_cannot_be_read_is_told_what_is_expected(
    ivr: Ivr, words: tuple[str, ...], lesson: str
) -> None:
    complaint = said(ivr("read", *words), 1)
    assert complaint.startswith("ivr: ") and lesson in complaint


def test_the_shipped_project_has_no_mistakes(ivr: Ivr) -> None:
    assert said(ivr("check")).startswith("14 flows, no mistakes, version ")
    assert "no mistakes" in said(ivr("check", "hotline"))


def test_every_mistake_is_shown_with_a_caret(
    ivr: Ivr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "flows"
    shutil.copytree(ROOT / "flows", broken)
    text = (broken / "hotline.yaml").read_text(encoding="utf-8")
    text = text.replace("otherwise: own_balance", "otherwise: own_balence")
    text = text.replace("{say: thank_you, go: bye}", "{say: thank_yuo, go: bye}")
    (broken / "hotline.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("IVR_FLOWS", str(broken))
    shown = said(ivr("check"), 1)
    assert "did you mean 'own_balance'? [no-such-node]" in shown
    assert "did you mean 'thank_you'? [no-such-prompt]" in shown
    lines = shown.splitlines()
    for name in ("own_balence", "thank_yuo"):
        at = next(n for n, line in enumerate(lines) if name in line and " | " in line)
        assert lines[at + 1].index("^") == lines[at].index(name)
    assert lines[-1] == f"{sum('[' in x and ']' in x[-3:] for x in lines)} to mend"
    assert "own_balence" in said(ivr("check", "hotline"), 1)
    assert "own_balence" in said(ivr("try", "hotline", "--keys", ""), 1)


def test_mistakes_are_told_to_programs_and_to_github(
    ivr: Ivr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert json.loads(said(ivr("check", "--format", "json"))) == []
    broken = tmp_path / "flows"
    shutil.copytree(ROOT / "flows", broken)
    (broken / "hello.yaml").write_text(
        (broken / "hello.yaml").read_text().replace("start: hello", "start: helo")
    )
    monkeypatch.setenv("IVR_FLOWS", str(broken))
    told = json.loads(ivr("check", "--format", "json").stdout)
    assert [(each["rule"], each["line"], each["column"]) for each in told] == [
        ("no-such-node", 3, 8)
    ]
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    marked = ivr("check")
    line = marked.stdout.strip()
    assert (
        marked.exit_code == 1
        and line.startswith("::error file=")
        and ",line=3,col=8,title=no-such-node::" in line
    )
    assert "1 to mend" in said(ivr("check", "--format", "terminal"), 1)


@pytest.mark.parametrize("command", [("check", "hotlin"), ("try", "hotlin", "--keys", "1")])
def test_an_unknown_flow_gets_the_nearest(ivr: Ivr, command: tuple[str, ...]) -> None:
    complaint = said(ivr(*command), 1)
    assert "there is no flow 'hotlin'; did you mean 'hotline'?" in complaint


def test_an_unknown_flow_like_no_other_gets_them_all(ivr: Ivr) -> None:
    complaint = said(ivr("check", "x"), 1)
    assert "there is no flow 'x'; there are book, colleague, complaint, enter_pin, " in complaint


def test_a_call_is_tried_without_a_hotline_and_without_a_phone(ivr: Ivr) -> None:
    words = ("try", "hotline", "--keys", "2 1 * 0", "--caller", "13800138000")
    heard = said(ivr(*words)).splitlines()
    balance = "你嘅話費餘額係一百二十三蚊四毫半，有效期到二零二六年十二月三十一號。"
    assert f"♪ yue 100% {balance}" in heard
    assert heard[heard.index(f"♪ yue 100% {balance}") + 1] == "⌨ *"
    assert "→ queue front_desk: answered" in heard
    assert heard[-1].startswith(
        "= yue 90% welcome → notices → menu → balance → own_balance → tell_balance"
    )


def test_a_call_may_begin_in_a_language(ivr: Ivr) -> None:
    # The welcome is said twice in three languages, and twice she is waited for.
    heard = said(ivr("try", "--keys", "- - - - - - - - 1", "--language", "yue")).splitlines()
    assert any(line.startswith("♪ yue 100% 查話費，請撳一。") for line in heard)
    assert heard[-1].startswith("= yue ")
    complaint = said(ivr("try", "--keys", "1", "--language", "fr"), 1)
    assert "flow 'hotline' does not speak 'fr'" in complaint


def test_a_caller_nobody_knows_is_asked_for_her_number(ivr: Ivr) -> None:
    heard = said(ivr("try", "--keys", "1 1 13800138000 1", "--caller", ""))
    assert "♪ cmn 100% 请输入您要查询的十一位手机号码。" in heard
    assert "一百二十三元四角五分" in heard


def test_without_a_keyboard_the_keys_must_be_given(ivr: Ivr) -> None:
    assert said(ivr("try", "hotline"), 1) == (
        "ivr: there is no keyboard here; give the keys with --keys\n"
    )


@pytest.mark.parametrize("keys", ["1", "x@1", "1@soon", "1@5 2@1"])
def test_keys_without_their_times_are_told_how_to_write_them(ivr: Ivr, keys: str) -> None:
    pytest.importorskip("pjsua2")
    complaint = said(ivr("call", "10086", "--keys", keys), 1)
    assert complaint.startswith("ivr: --keys, part ")
    assert "'1@2.0 *@6.5'" in complaint


def test_agents_are_listed_when_no_hotline_runs(ivr: Ivr, state: Path) -> None:
    shown = said(ivr("agents"))
    known = json.loads((state / secrets.FILE).read_text())
    for number in ("1001", "1002", "1003"):
        row = next(line for line in shown.splitlines() if number in line)
        assert "unknown" in row
        assert known[f"agent {number}"] not in shown
    assert "陈志明" in shown
    with_secrets = said(ivr("agents", "--secrets"))
    assert all(known[f"agent {number}"] in with_secrets for number in ("1001", "1002", "1003"))
    assert known[secrets.AMI] not in with_secrets


def test_without_a_hotline_there_is_no_status_and_nothing_to_end(ivr: Ivr, state: Path) -> None:
    assert said(ivr("status"), 1) == f"ivr: no hotline runs on {state}\n"
    assert "no hotline answers at http://127.0.0.1:" in said(
        ivr("status", "--http-port", str(free_port())), 1
    )
    assert said(ivr("down")) == "no hotline runs here\n"
    assert not state.exists()


def test_a_wrong_setting_is_told_by_every_command(
    ivr: Ivr, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IVR_HTTP_PORT", "eighty")
    for command in ("status", "check", "up", "down", "agents"):
        complaint = said(ivr(command), 1)
        assert complaint.startswith("ivr: 'http_port' (ivr.yaml, IVR_HTTP_PORT or --http-port)")


def test_a_part_there_is_none_of_is_told(ivr: Ivr) -> None:
    assert "there is no part 'swich'" in said(ivr("run", "swich"), 1)


NEEDS_LITTLE = """
import sys
from ivr.cli import app
for words in (["read", "number", "3"], ["check"]):
    app(words, standalone_mode=False)
    assert "ivr.running.run" not in sys.modules
import ivr.running.run  # by itself the part of the switch
print(*sorted(sys.modules))
"""


def test_what_a_command_does_not_need_is_not_read(ivr: Ivr) -> None:
    done = subprocess.run(
        [sys.executable, "-c", NEEDS_LITTLE], capture_output=True, text=True, timeout=60
    )
    read = set(done.stdout.splitlines()[-1].split())
    assert "ivr.commands.check" in read, done.stderr
    assert not read & {"sqlalchemy", "aiohttp", "panoramisk", "prometheus_client"}


def test_every_command_can_be_read_and_says_what_it_does(ivr: Ivr) -> None:
    shown = said(ivr("--help"))
    for name in COMMANDS.keys() - {"run"}:
        assert re.search(rf"(?m)^.{{0,3}}{name} +[A-Z]", shown), name
    assert re.search(r"(?m)^.{0,3}run +[A-Z]", shown) is None, "what `ivr up` starts is no command"


def test_help_shows_each_command_in_its_room() -> None:
    shown = CliRunner().invoke(app, ["--help"]).stdout
    order = [name for room, its in ROOMS.items() for name in (room, *its) if name != "run"]
    places = [re.search(rf"(?m)^.{{0,3}}{name} ", shown) for name in order]
    begins = [place.start() for place in places if place]
    assert len(begins) == len(order) and begins == sorted(begins)
