"""The engine is driven against small programs that behave well and badly."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ivr.speech.voices import VoiceError
from ivr.speech.voices.engine import Engine, serve

GOOD = """
import json, os, sys
for line in sys.stdin:
    said = json.loads(line)["say"]
    if said == "die":
        sys.stderr.write("first words\\nlast words\\n\\n")
        sys.exit(3)
    answer = {"said": said, "pid": os.getpid()}
    print(json.dumps({"failed": "no such word"} if said == "what" else answer), flush=True)
"""
SLOW = "import time; time.sleep(60)"
RUBBISH = "print('hello', flush=True); input(); input()"
ENDLESS = "import sys\nwhile True: sys.stdout.write('x' * 65536)"

Make = Callable[..., Engine]


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Make]:
    """Makes engines out of programs, and closes them."""
    engines: list[Engine] = []

    def make(program: str, **options: float) -> Engine:
        file = tmp_path / f"{len(engines)}.py"
        file.write_text(program)
        command = [sys.executable, str(file)]
        engines.append(Engine("parrot", lambda: command, **options))  # type: ignore[arg-type]
        return engines[-1]

    yield make
    for engine in engines:
        engine.close()


def alive(pid: int) -> bool:
    """Tell whether there is such a process; one that ended and was not waited for counts."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_one_process_answers_one_request_after_another(made: Make) -> None:
    engine = made(GOOD)
    answers = [engine.ask({"say": word}) for word in ("one", "二")]
    assert [answer["said"] for answer in answers] == ["one", "二"]
    assert answers[0]["pid"] == answers[1]["pid"]


def test_what_an_engine_cannot_do_is_told_and_does_not_end_it(made: Make) -> None:
    engine = made(GOOD)
    before = engine.ask({"say": "one"})["pid"]
    with pytest.raises(VoiceError, match=r"^parrot: no such word$"):
        engine.ask({"say": "what"})
    assert engine.ask({"say": "two"})["pid"] == before


def test_a_crash_is_told_in_the_engines_last_words_and_the_next_request_has_a_new_process(
    made: Make,
) -> None:
    engine = made(GOOD)
    before = engine.ask({"say": "one"})["pid"]
    with pytest.raises(VoiceError, match=r"^parrot died: last words$"):
        engine.ask({"say": "die"})
    assert not alive(before)
    assert engine.ask({"say": "two"})["said"] == "two"


def test_an_end_without_a_word_is_told_by_its_status(made: Make) -> None:
    with pytest.raises(VoiceError, match=r"^parrot died: exit status 7$"):
        made("raise SystemExit(7)").ask({"say": "one"})


@pytest.mark.parametrize("program", [RUBBISH, "print([1], flush=True); input()", ENDLESS])
def test_rubbish_is_no_answer(made: Make, program: str) -> None:
    with pytest.raises(VoiceError, match=r"^parrot answered rubbish: "):
        made(program).ask({"say": "one"})


def test_an_engine_that_takes_too_long_is_ended(made: Make) -> None:
    program = "import os, sys; sys.stderr.write(str(os.getpid()))\n" + SLOW
    with pytest.raises(VoiceError, match=r"^parrot was still busy after 0.2 s$"):
        made(program, seconds=0.2).ask({"say": "one"})


def test_an_engine_that_always_fails_is_given_up_for_the_next_thousand_clips(made: Make) -> None:
    engine = made("import sys; sys.exit('no model')")
    for _ in range(3):
        with pytest.raises(VoiceError, match="parrot died: no model"):
            engine.ask({"say": "one"})
    with pytest.raises(VoiceError, match=r"parrot given up after 3 failures.*no model"):
        engine.ask({"say": "one"})


def test_a_program_that_is_not_there_is_told() -> None:
    engine = Engine("parrot", lambda: ["/no/such/program"])
    with pytest.raises(VoiceError, match=r"^parrot cannot be started: .*No such file"):
        engine.ask({"say": "one"})
    engine.close()


def test_as_many_processes_speak_as_are_allowed_and_no_more(made: Make) -> None:
    engine = made(GOOD, most=2)
    pids: set[int] = set()
    start = threading.Barrier(6)

    def ask() -> None:
        start.wait()
        for number in range(20):
            answer = engine.ask({"say": str(number)})
            assert answer["said"] == str(number)
            pids.add(answer["pid"])

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 <= len(pids) <= 2


def test_one_caller_needs_one_process(made: Make) -> None:
    engine = made(GOOD, most=2)
    assert len({engine.ask({"say": "one"})["pid"] for _ in range(5)}) == 1


def test_a_closed_engine_has_ended_and_answers_no_more(made: Make) -> None:
    engine = made(GOOD)
    pid = engine.ask({"say": "one"})["pid"]
    engine.close()
    engine.close()
    assert not alive(pid)
    with pytest.raises(VoiceError, match=r"^parrot is closed$"):
        engine.ask({"say": "one"})


def test_closing_ends_a_request_under_way(made: Make, tmp_path: Path) -> None:
    program = f"open({str(tmp_path / 'started')!r}, 'w').close()\n{SLOW}"
    engine = made(program)
    told: list[str] = []

    def ask() -> None:
        try:
            engine.ask({"say": "one"})
        except VoiceError as problem:
            told.append(str(problem))

    thread = threading.Thread(target=ask)
    thread.start()
    while not (tmp_path / "started").exists():
        time.sleep(0.01)
    engine.close()
    thread.join(10)
    assert told == ["parrot is closed"]


def test_a_forgotten_engine_ends(made: Make, tmp_path: Path) -> None:
    (tmp_path / "good.py").write_text(GOOD)
    engine = Engine("parrot", lambda: [sys.executable, str(tmp_path / "good.py")])
    pid = engine.ask({"say": "one"})["pid"]
    del engine
    assert not alive(pid)


USER = """
import sys
from ivr.speech.voices.engine import Engine
engine = Engine("parrot", lambda: [sys.executable, sys.argv[1]])
print(engine.ask({"say": "one"})["pid"], flush=True)
if sys.argv[2] == "stay":
    input()
"""


@pytest.mark.parametrize("how", ["end", "interrupt", "kill"])
def test_an_engine_ends_with_the_program_that_uses_it(tmp_path: Path, how: str) -> None:
    (tmp_path / "good.py").write_text(GOOD)
    (tmp_path / "user.py").write_text(USER)
    command = [sys.executable, str(tmp_path / "user.py"), str(tmp_path / "good.py")]
    with subprocess.Popen(
        [*command, "go" if how == "end" else "stay"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as user:
        assert user.stdout is not None
        pid = int(user.stdout.readline())
        if how != "end":
            user.send_signal(signal.SIGINT if how == "interrupt" else signal.SIGKILL)
        user.wait(20)
    deadline = time.monotonic() + 10
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not alive(pid)


def test_what_a_library_prints_is_not_taken_for_an_answer(tmp_path: Path) -> None:
    host = Path(serve(Path(sys.executable), "noisy")[-2])
    (tmp_path / "serve.py").write_text(host.read_text())
    (tmp_path / "noisy.py").write_text(
        "print('loading')\n"
        "def load(word):\n"
        "    def answer(request):\n"
        "        print('working')\n"
        "        return {'said': word * request['times']}\n"
        "    return answer\n"
    )
    command = [sys.executable, "-P", str(tmp_path / "serve.py"), "noisy", "ha"]
    engine = Engine("noisy", lambda: command)
    assert engine.ask({"times": 2})["said"] == "haha"
    with pytest.raises(VoiceError, match="noisy: KeyError: 'times'"):
        engine.ask({})
    engine.close()
