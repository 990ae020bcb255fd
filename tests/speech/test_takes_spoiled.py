"""Manifests and masters of takes that somebody has spoiled."""

import json
from pathlib import Path

import pytest

from ivr.speech.recipe import RecipeError
from ivr.speech.takes import Takes, TakesError
from tests.speech.keeping import BALANCE, BYE, HELLO, changed, files, keep


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b'{"id": x}', "8: not a line of JSON: Expecting value [take-syntax]"),
        (b"<<<<<<< HEAD", "1: not a line of JSON"),
        (b"[]", '1: a take is {"id": '),
        (b'"\xff"', "1: this line is not UTF-8"),
        (b"[" * 100_000, "1: not a line of JSON"),
        (b"9" * 10_000, "1: not a line of JSON"),
    ],
)
def test_a_line_that_cannot_be_read_is_told_and_the_rest_is_used(
    folder: Path, line: bytes, told: str
) -> None:
    manifest = folder / "en.jsonl"
    manifest.write_bytes(line + b"\n\n" + manifest.read_bytes())
    takes = Takes.load(folder, folder.parent)
    (problem,) = takes.problems
    assert str(problem).startswith(f"takes/en.jsonl:1:{told}")
    assert problem.rule == "take-syntax"
    assert {take.clip for take in takes} == {BALANCE, HELLO, BYE}
    assert takes.find(HELLO) is not None


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"voice": None}, "a take needs 'voice' [take-field]"),
        ({"speaker": "x"}, "a take has no 'speaker'; did you mean 'peak'? [take-field]"),
        ({"licens": "x"}, "a take has no 'licens'; did you mean 'licence'? [take-field]"),
        ({"lufs": "loud"}, "'lufs': input should be a valid number [take-field]"),
        ({"lufs": float("nan")}, "'lufs': input should be a finite number [take-field]"),
        ({"id": "../x"}, "'id': string should match pattern"),
        ({"sha256": "abc"}, "'sha256': string should match pattern"),
        ({"file": "/etc/passwd"}, "'file' is a master such as en/your_balance.1.opus, not '/etc"),
        ({"file": "../x.opus"}, "'file' is a master such as en/your_balance.1.opus, not '../x"),
        ({"file": "cmn/hello.1.opus"}, "'file' is a master such as en/your_balance.1.opus, not"),
        ({"file": "cmn.jsonl"}, "'file' is a master such as en/your_balance.1.opus, not 'cmn.j"),
        ({"file": "en"}, "'file' is a master such as en/your_balance.1.opus, not 'en'"),
        ({"file": f"en/{'x' * 300}.opus"}, "'file' is a master such as en/your_balance.1.opus"),
        ({"text": "farewell"}, "'text_sha256' is not that of the text (418437ef1acfe630): one of"),
    ],
)
def test_a_wrong_field_is_told_with_its_place_and_the_rest_is_used(
    folder: Path, fields: dict[str, object], told: str
) -> None:
    changed(folder, "en", 1, **fields)
    takes = Takes.load(folder)
    (problem,) = takes.problems
    line = (folder / "en.jsonl").read_text().splitlines()[0]
    name = "text_sha256" if "text_sha256" in told else next(iter(fields))
    column = line.find(f'"{name}"') + 1 or 1
    assert str(problem).startswith(f"{folder}/en.jsonl:1:{column}: ")
    assert told in str(problem)
    assert {take.clip for take in takes} == {BALANCE, HELLO}


def test_every_wrong_line_and_field_is_told(folder: Path) -> None:
    changed(folder, "en", 1, voice=None, peak="x")
    changed(folder, "en", 2, seconds=0)
    assert len(Takes.load(folder).problems) == 3


@pytest.mark.parametrize("same", ["id", "text", "file"])
def test_two_takes_for_one_thing_are_told_and_the_first_is_used(folder: Path, same: str) -> None:
    lines = (folder / "en.jsonl").read_text().splitlines()
    bye, hello = json.loads(lines[0]), json.loads(lines[1])
    fields = {same: bye[same]} | ({"text_sha256": bye["text_sha256"]} if same == "text" else {})
    (folder / "en.jsonl").write_text(f"{json.dumps(bye)}\n{json.dumps(hello | fields)}\n")
    takes = Takes.load(folder, folder.parent)
    (problem,) = takes.problems
    assert str(problem) == (
        f"takes/en.jsonl:2:1: two takes with the {same} '{bye[same]}': the other is in line 1, "
        "and is used; remove one of the two lines [take-twice]"
    )
    found = takes.find(BYE)
    assert found and found.id == "bye.1"


def test_a_manifest_that_has_to_be_mended_is_not_written_over(folder: Path) -> None:
    manifest = folder / "en.jsonl"
    manifest.write_text(manifest.read_text() + "<<<<<<< HEAD\n")
    before = manifest.read_bytes()
    takes = Takes.load(folder)
    with pytest.raises(TakesError, match=r"mend this first.*\n.*en\.jsonl:3:1: not a line"):
        keep(takes, HELLO, "hello.1", 700)
    with pytest.raises(TakesError, match="mend this first"):
        takes.remove(takes)
    assert manifest.read_bytes() == before
    assert keep(takes, BALANCE, "your_balance.1", 700)


def test_a_manifest_broken_meanwhile_is_not_written_over_either(folder: Path) -> None:
    takes = Takes.load(folder)
    manifest = folder / "en.jsonl"
    manifest.write_text("<<<<<<< HEAD\n" + manifest.read_text())
    before = files(folder)
    with pytest.raises(TakesError, match="mend this first"):
        keep(takes, HELLO, "other.1", 700)
    assert files(folder) == before


def test_a_master_that_is_not_there_is_told_and_can_be_recorded_anew(folder: Path) -> None:
    (folder / "en/hello.1.opus").unlink()
    takes = Takes.load(folder, folder.parent)
    (problem,) = takes.problems
    assert str(problem) == (
        "takes/en.jsonl:2:1: en/hello.1.opus, the recording of 'hello', is not there [take-missing]"
    )
    assert takes.damaged() == [problem]
    take = takes.find(HELLO)
    assert take
    with pytest.raises(RecipeError, match=r"hello\.1\.opus: No such file"):
        takes.samples(take)
    keep(takes, HELLO, "hello.1")
    assert Takes.load(folder).problems == ()


def test_a_master_that_was_changed_is_told_before_it_is_used(folder: Path) -> None:
    path = folder / "en/hello.1.opus"
    path.write_bytes((folder / "en/bye.1.opus").read_bytes())
    takes = Takes.load(folder, folder.parent)
    assert takes.problems == ()
    (problem,) = takes.damaged()
    assert str(problem).startswith("takes/en.jsonl:2:1: en/hello.1.opus is not the recording that")
    assert problem.rule == "take-hash"
    take = takes.find(HELLO)
    assert take
    with pytest.raises(RecipeError, match=rf"^{path}: not the recording .* SHA-256 differs"):
        takes.samples(take)
