"""`ivr try` with what is given, and what it says to what it cannot read."""

from pathlib import Path

import pytest

from tests.commands.typed import Ivr, said

GIVEN = """
caller: "13900139000"
agents: {front_desk: unanswered}
billing.balance: {"13900139000": {balance: -5, expires: 2026-12-31}}
"""


def test_a_scripted_call_meets_what_is_given(ivr: Ivr, tmp_path: Path) -> None:
    given = tmp_path / "given.yaml"
    given.write_text(GIVEN)
    heard = said(ivr("try", "--keys", "3 1 0", "--given", str(given)))
    assert "Your balance is five yuan owing" in heard
    assert "→ queue front_desk: unanswered" in heard


def test_mistakes_in_what_is_given_have_their_places(ivr: Ivr, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(GIVEN.replace("front_desk", "front_dsk"))
    complaint = said(ivr("try", "--keys", "1", "--given", str(wrong)), 1)
    assert f"{wrong}:3:10: there is no queue 'front_dsk'; did you mean 'front_desk'?" in complaint
    no = tmp_path / "no"
    assert said(ivr("try", "--keys", "1", "--given", str(no)), 1) == (
        f"ivr: {no}: No such file or directory\n"
    )
    wrong.write_bytes("时间".encode("gbk"))
    assert "is not UTF-8 text" in said(ivr("try", "--keys", "1", "--given", str(wrong)), 1)
    wrong.write_text("")
    assert "♪" in said(ivr("try", "--keys", "1", "--given", str(wrong)))


@pytest.mark.parametrize("now", ["noon", "2026-13-01", "", "0001-01-01T00:00+14:00"])
def test_a_time_that_is_none_is_told(ivr: Ivr, now: str) -> None:
    complaint = said(ivr("try", "--keys", "1", "--now", now), 1)
    assert complaint.startswith("ivr: --now: a time such as 2026-10-01T15:00")


def test_sound_is_for_who_listens(ivr: Ivr) -> None:
    assert "leave out --keys" in said(ivr("try", "--keys", "1", "--listen"), 1)


@pytest.mark.parametrize("word", ["q", "hangpu", "1,2", "--"])
def test_a_word_that_is_no_key_is_told(ivr: Ivr, word: str) -> None:
    complaint = said(ivr("try", "--keys", f"1 {word}"), 1)
    assert complaint.startswith("ivr: --keys: keys 0 to 9") and f"this is '{word}'" in complaint


def test_who_names_a_file_is_told_the_flow_in_it(ivr: Ivr) -> None:
    complaint = said(ivr("try", "flows/hello.yaml", "--keys", ""), 1)
    assert "there is no flow 'flows/hello.yaml'; did you mean 'hello'?" in complaint


def test_a_language_that_the_flow_lacks_is_told_with_those_it_has(ivr: Ivr) -> None:
    complaint = said(ivr("try", "hello", "--keys", "", "--language", "fr"), 1)
    assert "does not speak 'fr'; it speaks cmn, yue, en" in complaint
