"""The sheet that a recording studio reads from."""

import pytest

from ivr.errors import IvrError
from ivr.flow import prompts
from ivr.flow.project import Project, Sources
from ivr.flow.project import read as read_project
from ivr.flow.speech import Clip
from ivr.lang import KINDS, LANGUAGES, parse
from ivr.speech.sheet import SAMPLES, Row, sheet
from tests.stage import shipped

FLOW = """
flow: f
languages: [cmn, en]
start: a
nodes:
  a: {say: {owed: {amount: $caller.number}}, go: b}
  b: {say: goodbye, go: c}
  c: {menu: [ask, goodbye], keys: {1: a}, otherwise: a}
"""
PROMPTS = """
owed: {cmn: '您好，余额{amount:money}，再见。', yue: 你好。, en: 'Hello, you owe {amount:money}.'}
goodbye: {cmn: 您好，谢谢。再见。, en: 'Hello, goodbye.'}
ask: {cmn: '有{lines:count 盏}灯。', en: 'There are {lines:count lamp}.'}
"""


def project(prompts: str = PROMPTS) -> Project:
    return read_project(Sources({"flows/f.yaml": FLOW}, {"prompts/p.yaml": prompts}))[0]


def clauses(language: str, rows: tuple[Row, ...]) -> dict[str, str]:
    return {r.id: r.clip.text for r in rows if r.clip.language == language and not r.kinds}


def row(rows: tuple[Row, ...], text: str) -> Row:
    (found,) = (each for each in rows if each.clip.text == text)
    return found


def test_a_clause_is_named_by_its_prompt_and_its_place_there() -> None:
    rows = sheet(project())
    assert clauses("cmn", rows) == {
        "owed.1": "您好，",
        "owed.2": "余额",
        "owed.3": "再见。",
        "goodbye.2": "谢谢。",
        "ask.1": "有",
        "ask.2": "灯。",
    }
    assert clauses("en", rows)["goodbye.2"] == "goodbye."
    assert {each.clip.language for each in rows} == {"cmn", "en"}


def test_a_clause_of_several_prompts_has_the_id_of_the_first_and_lists_them_all() -> None:
    hello = row(sheet(project()), "您好，")
    assert hello.name == "cmn.owed.1"
    assert [(use.prompt, use.where.line, use.nodes) for use in hello.uses] == [
        ("owed", 2, ("f/a",)),
        ("goodbye", 3, ("f/b", "f/c")),
    ]
    assert not any(use.kind for use in hello.uses)


def test_an_id_stays_when_other_prompts_change() -> None:
    before = clauses("cmn", sheet(project()))
    after = clauses("cmn", sheet(project("first: {cmn: 谢谢。}\n" + PROMPTS.replace("有", "共有"))))
    assert after["owed.1"] == before["owed.1"]
    assert after["first.1"] == before["goodbye.2"]  # it is the first to say so now
    assert (before["ask.2"], after["ask.2"]) == ("灯。", "灯。")


def test_the_context_is_the_sentence_with_the_clip_marked() -> None:
    rows = sheet(project())
    assert row(rows, "余额").context == "您好，【余额】一千二百三十四元五角六分，再见。".replace(
        "一千二百", "一千两百"
    )
    assert row(rows, "谢谢。").context == "您好，【谢谢。】"
    assert row(rows, "再见。").context.endswith("五角六分，【再见。】")
    assert row(rows, "you owe").context.startswith(
        "Hello, 【you owe】 one thousand two hundred and"
    )


def test_words_of_a_value_stand_in_a_sentence_that_says_that_kind() -> None:
    rows = sheet(project())
    jiao = row(rows, "三角")
    assert jiao.context == "您好，余额…【三角】…，再见。"
    assert (jiao.kinds, [(use.prompt, use.kind) for use in jiao.uses]) == (
        ("money",),
        [("owed", "money")],
    )
    assert row(rows, "三盏").uses[0].kind == "count 盏"
    assert row(rows, "lamps").context == "There are …【lamps】…."
    unused = row(rows, "星期三")
    assert (unused.kinds, unused.uses, unused.context) == (("weekday",), (), "…【星期三】…")


def test_words_of_a_value_have_an_id_of_their_own_words() -> None:
    before, after = sheet(project()), sheet(project("first: {cmn: 谢谢。}"))
    assert row(before, "三角").id == row(after, "三角").id
    assert row(before, "三角").id.startswith("value.")


@pytest.mark.parametrize("of", [project(), shipped()], ids=["small", "shipped"])
def test_every_clip_that_can_be_said_is_there_once_with_a_name_of_its_own(of: Project) -> None:
    rows = sheet(of)
    assert len({each.name for each in rows}) == len(rows)
    fixed = {clip for clip in of.catalogue.clips() if clip.language in of.languages}
    assert {each.clip for each in rows} == fixed | set(prompts.vocabulary(of.languages))
    assert len({each.clip for each in rows}) == len(rows)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_has_a_sample_that_is_said_in_the_sentences(kind: str) -> None:
    assert parse(kind, SAMPLES[kind])
    texts = {
        language: f"'a {{v:{' '.join([kind, *LANGUAGES[language].shipped.get(kind, ())[:1]])}}}.'"
        for language in ("cmn", "en")
    }
    rows = sheet(project(f"p: {{cmn: {texts['cmn']}, en: {texts['en']}}}"))
    for language in texts:
        context = next(each.context for each in rows if each.name == f"{language}.p.1")
        assert context.startswith("【a】") and len(context) > len("【a】.")


def test_a_value_of_two_kinds_gets_a_sample_that_is_both() -> None:
    rows = sheet(project("both: {cmn: '{n:money}是{n:ordinal}。'}"))
    assert row(rows, "是").context == "十二元【是】第十二。"


def test_a_value_of_two_kinds_that_nothing_is_both_of_is_told() -> None:
    with pytest.raises(IvrError, match=r"p.yaml:1:13: 'both' says \{n\} as date and as time"):
        sheet(project("both: {cmn: '{n:date}是{n:time}。'}"))


def test_the_time_a_clip_takes_is_estimated_by_its_words() -> None:
    long = Row("a.1", Clip("您的话费余额是", "cmn"), "")
    assert 1.2 < long.estimate < 2.0
    assert 0.9 < Row("a.1", Clip("Your balance is", "en"), "").estimate < 1.3
