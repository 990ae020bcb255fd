"""Engines: programs of another Python that are asked one thing at a time, in lines of JSON.

Neural voices stay out of this process: piper is GPL, Kokoro brings 700 MB, gTTS pins an old
click, and a crash in native code is a line in a message here and no more.
"""

from __future__ import annotations

import json
import os
import queue
import selectors
import signal
import subprocess
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from ivr.speech.voices.voice import VoiceError

# A clip of Kokoro takes about as long to make as to hear, after a start of two seconds; on a
# machine with much else to do both have been seen to take ten times that.
SECONDS = 300.0

# An engine that gave no answer so often in a row will not do better for the next of five
# thousand clips.
_MOST_FAILURES = 3

# Longer than any answer of ours; what comes without end is not JSON.
_LONGEST_ANSWER = 1_000_000
_SECONDS_TO_END = 2.0

Answer = Mapping[str, Any]


class Engine:
    """Up to `most` processes of one command, each started when wanted. Safe to use from threads.

    A request and its answer are one JSON object in one line each, on stdin and stdout; an answer
    with the key `failed` tells why the request could not be met, and the engine lives on. The
    processes end at `close`, when the engine is forgotten, and at the interpreter's exit.
    """

    def __init__(
        self,
        name: str,
        command: Callable[[], Sequence[str]],
        most: int = 1,
        seconds: float = SECONDS,
    ) -> None:
        self._name = name
        self._command = command
        self._seconds = seconds
        self._failures = 0
        self._trouble = ""
        self._workers = [_Worker() for _ in range(most)]
        # The last one used is the first one taken: no second is started before it is needed.
        self._idle: queue.LifoQueue[_Worker] = queue.LifoQueue()
        for worker in self._workers:
            self._idle.put(worker)
        self._end = weakref.finalize(self, _end_all, self._workers)

    def ask(self, request: Mapping[str, str | float]) -> Answer:
        """Return the answer; wait for a process that is free. Raises VoiceError."""
        worker = self._idle.get()
        try:
            answer = self._ask(worker, request)
        except BaseException as problem:
            # Nobody knows what is still under way in there: Ctrl-C comes through here too.
            worker.kill()
            if isinstance(problem, Exception) and not self._end.alive:
                raise VoiceError(f"{self._name} is closed") from None
            if isinstance(problem, VoiceError):
                raise VoiceError(f"{self._name} {problem}") from None
            raise
        finally:
            self._idle.put(worker)
        if "failed" in answer:
            raise VoiceError(f"{self._name}: {answer['failed']}")
        return answer

    def close(self) -> None:
        """End every process. Safe more than once; a closed engine answers nothing more."""
        self._end()

    def _ask(self, worker: _Worker, request: Mapping[str, str | float]) -> Answer:
        if self._failures >= _MOST_FAILURES:
            raise VoiceError(f"given up after {self._failures} failures in a row: {self._trouble}")
        try:
            if not worker.started:
                worker.start(self._command())
            # Asked last: whoever closes us from now on finds the process and ends it.
            if not self._end.alive:
                raise VoiceError("is closed")
            answer = worker.ask(json.dumps(request), self._seconds)
        except VoiceError as problem:
            self._trouble = str(problem)
            self._failures += 1
            raise
        self._failures = 0
        return answer


class _Worker:
    """One process, or none as yet."""

    def __init__(self) -> None:
        self._asking = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._complaints: IO[bytes] | None = None

    @property
    def started(self) -> bool:
        return self._child is not None

    def start(self, command: Sequence[str]) -> None:
        # A file, not a pipe: nobody has to read it for the engine to go on.
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._complaints,
                bufsize=0,
                # Ctrl-C is for us; we end it, and with us gone its stdin tells it.
                start_new_session=True,
            )
        except OSError as problem:
            raise VoiceError(f"cannot be started: {problem}") from None

    def ask(self, line: str, seconds: float) -> Answer:
        with self._asking:
            child, complaints = self._child, self._complaints
            if child is None or complaints is None or not child.stdin or not child.stdout:
                raise VoiceError("is closed")
            with suppress(BrokenPipeError):  # it has died; its last words are told below
                child.stdin.write(line.encode() + b"\n")
            answer = _line(child.stdout, seconds)
            if not answer.endswith(b"\n"):
                raise VoiceError(f"died: {_last_words(child, complaints)}")
        try:
            read = json.loads(answer)
        except ValueError:
            read = None
        if not isinstance(read, dict):
            raise VoiceError(f"answered rubbish: {_shown(answer)}")
        return read

    def kill(self) -> None:
        """End it now, with all it has started. Safe more than once."""
        self._stop(patience=0.0)

    def end(self) -> None:
        """Let it end by itself, as it does when there is nothing more to read; else kill it."""
        self._stop(patience=_SECONDS_TO_END)

    def _stop(self, patience: float) -> None:
        child = self._child
        if child is not None and child.stdin:
            child.stdin.close()
            try:
                child.wait(patience)
            except subprocess.TimeoutExpired:
                with suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGKILL)
                child.wait()
        # Whoever waits for an answer has the end of it now. A pipe closed under a select would
        # never wake it.
        with self._asking:
            if child is not None and child.stdout:
                child.stdout.close()
            if self._complaints is not None:
                self._complaints.close()
            self._child = self._complaints = None


def serve(python: Path, engine: str, *arguments: str) -> list[str]:
    """Return the command that runs one of `engines/` under a Python that has its packages."""
    # -P: the folder of the script is not where `import gtts` may look for gtts.
    host = Path(__file__).parent / "engines" / "serve.py"
    return [str(python), "-P", "-W", "ignore", str(host), engine, *arguments]


def _end_all(workers: Sequence[_Worker]) -> None:
    for worker in workers:
        worker.end()


def _line(pipe: IO[bytes], seconds: float) -> bytes:
    """Return the next line, or what came before the end. Raises VoiceError for one too long."""
    deadline = time.monotonic() + seconds
    heard = b""
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while not heard.endswith(b"\n"):
            if not selector.select(deadline - time.monotonic()):
                raise VoiceError(f"was still busy after {seconds:g} s")
            more = os.read(pipe.fileno(), 65536)
            if not more:
                break
            heard += more
            if len(heard) > _LONGEST_ANSWER:
                raise VoiceError(f"answered rubbish: {_shown(heard)}")
    return heard


def _last_words(child: subprocess.Popen[bytes], complaints: IO[bytes]) -> str:
    with suppress(subprocess.TimeoutExpired):  # the end of its stdout is not yet its own
        child.wait(_SECONDS_TO_END)
    complaints.seek(0)
    lines = [line for line in complaints.read().splitlines() if line.strip()]
    return _shown(lines[-1]) if lines else f"exit status {child.returncode}"


def _shown(said: bytes) -> str:
    return " ".join(said.decode(errors="replace").split())[:300]
