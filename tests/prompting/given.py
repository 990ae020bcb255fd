"""What a project with prompts of its own is given, and what its commands say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile
from typer.testing import Result

from ivr import config
from ivr.flow.speech import Clip
from ivr.project import disk
from ivr.speech import manifest
from ivr.speech.sheet import sheet
from ivr.speech.takes import Takes
from ivr.speech.voices import Espeak

Ivr = Callable[..., Result]
FLOW = """\
flow: f
languages: [cmn, en]
speeds: [75%, 100%]
start: greet
nodes:
  greet: {say: hello, go: find}
  find:
    lookup: billing.balance
    using: {number: $caller.number}
    into: account
    found: tell
    missing: bye
    failed: bye
  tell: {say: {expires: {on: $account.expires}}, go: bye}
  bye: hangup
"""
PROMPTS = """\
hello: {cmn: 您好，欢迎您。, en: 'Hello, welcome.'}
expires: {cmn: '有效期到{on:weekday}。', en: 'It is valid until {on:weekday}.'}
one_moment: {cmn: 请稍候。, en: One moment.}
apology: {cmn: 对不起。, en: Sorry.}
"""
SETTINGS = """\
numbers: {"10086": f}
codecs: [alaw]
voices: {cmn: [recorded, espeak], en: [recorded, espeak]}
remember_callers: 90d
"""
# 5 clauses and 7 days in each language.
TEXTS = 24


def said(result: Result, code: int = 0) -> str:
    """Return what a command that ended so said on its standard output."""
    assert result.exit_code == code, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    return result.stdout


def told(result: Result) -> str:
    """Return what a command that failed complained of."""
    said(result, 1)
    return result.stderr


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def sent(project: Path, speech: Path, *names: str) -> Path:
    """Return a studio's folder of recordings with these names."""
    folder = project / "sent"
    folder.mkdir(exist_ok=True)
    samples, rate = soundfile.read(speech, dtype="float32")
    for name in names:
        soundfile.write(folder / name, np.stack([samples, samples], axis=1), rate)
    return folder


def built(project: Path) -> list[Path]:
    return sorted(path for path in (project / "prompts" / "built").rglob("*") if path.is_file())


def record_the_words_of_values(project: Path) -> None:
    """Leave Mandarin alone, and give every word of its values a take: all the same sound."""
    edit(project / "flows" / "f.yaml", "languages: [cmn, en]", "languages: [cmn]")
    master = project / "master"
    tone = np.sin(np.arange(12_000) * 0.1).astype(np.float32)
    takes = Takes.load(master)
    like = takes.keep(Clip("tone", "en"), "tone", tone, 24_000, Espeak().name, "ours")
    sound = takes.master(like).read_bytes()
    rows = [row for row in sheet(disk.load(config.settings())[0]) if row.kinds]
    lines = [replace(like, id=r.id, clip=r.clip, file=f"cmn/{r.id}.opus") for r in rows]
    folder = project / "prompts" / "takes"
    (folder / "cmn").mkdir(parents=True)
    (folder / "cmn.jsonl").write_bytes(manifest.written(lines))
    for line in lines:
        (folder / line.file).write_bytes(sound)
