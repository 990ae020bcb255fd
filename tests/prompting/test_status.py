"""`ivr prompts status` and `list`, as a person types them."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from ivr.errors import width
from ivr.speech.voices import Espeak
from tests.prompting.given import TEXTS, Ivr, edit, said, sent, told


def test_the_status_of_a_fresh_project_names_what_lacks_and_counts_words(ivr: Ivr) -> None:
    shown = said(ivr("status"), 1)
    assert "cmn.hello.2" in shown and "欢迎您。" in shown
    assert "7 words of values; --all names them" in shown
    assert "星期三" not in shown
    last = shown.splitlines()[-1]
    assert last.startswith(f"{TEXTS} texts: 0 with a take, {TEXTS} without; 0 changed, ")
    assert last.endswith(f"{TEXTS} not built: ivr prompts build")
    every = said(ivr("status", "--all"), 1)
    assert "星期三" in every and "words of values" not in every


def test_the_status_shows_a_changed_text_beside_what_was_recorded(
    ivr: Ivr, project: Path, speech: Path
) -> None:
    said(ivr("import", str(sent(project, speech, "cmn.hello.1.wav"))))
    edit(project / "prompts" / "p.yaml", "您好，", "你好，")
    lines = said(ivr("status"), 1).splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("Changed since"))
    assert lines[at + 2].split() == ["cmn.hello.1", "recorded", "您好，", "studio"]
    assert lines[at + 3].split() == ["now", "你好，"]
    assert "1 changed, 0 said no more" in lines[-1]


def test_the_status_names_takes_that_nothing_says(ivr: Ivr, project: Path, speech: Path) -> None:
    said(ivr("import", str(sent(project, speech, "cmn.apology.1.wav"))))
    edit(project / "prompts" / "p.yaml", "apology: {cmn: 对不起。, en: Sorry.}", "")
    shown = said(ivr("status"), 1)
    assert "Takes that nothing says any more" in shown and "cmn.apology.1" in shown
    said(ivr("import", str(sent(project, speech, "cmn.hello.2.wav")), "--voice", Espeak().name), 1)
    edit(project / "prompts" / "p.yaml", "欢迎您。", "")
    shown = said(ivr("status"), 1)
    assert "1 by programs" in shown and "cmn.hello.2" not in shown
    assert "cmn.hello.2" in said(ivr("status", "--all"), 1)


def test_the_status_tells_of_two_voices_in_one_prompt(
    ivr: Ivr, project: Path, speech: Path
) -> None:
    said(ivr("build"))
    assert "0 in mixed voices" in said(ivr("status"))
    said(ivr("import", str(sent(project, speech, "cmn.expires.1.wav")), "--voice", "Wang Fang"))
    said(ivr("build"))
    shown = said(ivr("status"))
    assert "7 by espeak-ng" in shown and "1 by Wang Fang" in shown
    assert "prompts/p.yaml:2" in shown and "1 in mixed voices" in shown


def test_the_status_tells_of_damaged_recordings_and_lines(
    ivr: Ivr, project: Path, speech: Path
) -> None:
    names = ("cmn.hello.1.wav", "cmn.hello.2.wav", "en.hello.1.wav")
    said(ivr("import", str(sent(project, speech, *names))))
    said(ivr("build"))
    said(ivr("status"))
    takes = project / "prompts" / "takes"
    (takes / "cmn" / "hello.1.opus").write_bytes(b"damaged")
    (takes / "cmn" / "hello.2.opus").unlink()
    (takes / "en.jsonl").write_text("no JSON\n")
    shown = " ".join(said(ivr("status"), 1).split())
    assert "prompts/takes/cmn.jsonl:1 cmn/hello.1.opus is not the recording" in shown
    assert "prompts/takes/cmn.jsonl:2 cmn/hello.2.opus, the recording of '欢迎您。'," in shown
    assert "prompts/takes/en.jsonl:1 not a line of JSON" in shown
    assert "3 damaged" in shown


def test_what_is_shown_fits_a_terminal_of_80_columns(ivr: Ivr, project: Path) -> None:
    long = "您的话费余额" * 20
    edit(project / "prompts" / "p.yaml", "欢迎您。", f"{long}。")
    for command, times in (("status", 1), ("list", 2)):
        lines = ivr(command).stdout.splitlines()
        assert max(width(line) for line in lines if " texts: " not in line) <= 80
        assert "".join(lines).count("费") == 20 * times


def test_the_sheet_has_a_name_a_sentence_and_a_length_for_each_clip(
    ivr: Ivr, project: Path, speech: Path
) -> None:
    said(ivr("import", str(sent(project, speech, "cmn.hello.1.wav"))))
    lines = said(ivr("list")).splitlines()
    (recorded,) = [line for line in lines if "cmn.hello.1" in line]
    assert "【您好，】欢迎您。" in recorded and recorded.split()[-1] == "studio"
    (estimated,) = [line for line in lines if "cmn.hello.2" in line]
    assert estimated.split()[-1].startswith("~0.")
    (day,) = [line for line in lines if "【星期三】" in line]
    assert "有效期到…【星期三】…。" in day
    assert "三元" not in "".join(lines)
    assert "三元" in said(ivr("list", "--all", "--language", "cmn"))


def test_the_sheet_for_a_spreadsheet_opens_right_in_excel(
    ivr: Ivr, project: Path, speech: Path
) -> None:
    said(ivr("import", str(sent(project, speech, "cmn.hello.1.wav"))))
    result = ivr("list", "--csv", "--language", "cmn")
    said(result)
    assert result.stdout_bytes.startswith(b"\xef\xbb\xbfid,language,text,")
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(result.stdout.lstrip("\ufeff")))}
    assert len(rows) == TEXTS // 2
    hello = rows["cmn.hello.1"]
    assert (hello["text"], hello["context"]) == ("您好，", "【您好，】欢迎您。")
    assert (hello["said by"], hello["written at"]) == ("hello", "prompts/p.yaml:1")
    assert (hello["nodes"], hello["voice"]) == ("f/greet", "studio")
    assert (hello["seconds are"], float(hello["seconds"]) > 0.2) == ("recorded", True)
    assert rows["cmn.hello.2"]["seconds are"] == "estimated"
    (day,) = [row for row in rows.values() if row["text"] == "星期三"]
    assert (day["value"], day["said by"]) == ("weekday", "expires")


def test_a_language_nobody_speaks_is_told(ivr: Ivr) -> None:
    assert told(ivr("list", "--language", "yue")) == (
        "ivr: 'yue' is not spoken by any flow; cmn, en are\n"
    )
