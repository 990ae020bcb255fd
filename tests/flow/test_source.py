import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ivr.flow.source import Listing, Mapping, Text, place, plain, read


def value(text: str) -> object:
    tree, problems = read("f.yaml", text)
    assert tree is not None and not problems, problems
    return plain(tree)


@pytest.mark.parametrize("scalar", ["18:30", "0755", "on", "no", "1.10", "2024-01-02", "~", "客服"])
def test_every_scalar_means_what_the_author_sees(scalar: str) -> None:
    assert value(f"a: {scalar}") == {"a": scalar}


def test_a_key_that_stands_twice_is_a_problem_with_both_places() -> None:
    tree, problems = read("f.yaml", "a: 1\nb: 2\na: 3\n")
    assert isinstance(tree, Mapping) and plain(tree) == {"a": "1", "b": "2"}
    assert [str(p) for p in problems] == ["f.yaml:3:1: 'a' is already given on line 1 [twice]"]


def test_places_count_characters_even_after_chinese() -> None:
    tree, _ = read("f.yaml", "节点: {下一个: bye}\n")
    assert tree is not None
    assert str(place(tree, ("节点", "下一个"))) == "f.yaml:1:11"
    assert str(place(tree, ("节点", "下一个"), key=True)) == "f.yaml:1:6"


def test_the_place_of_what_is_not_there_is_as_near_as_the_tree_goes() -> None:
    tree, _ = read("f.yaml", "a:\n  b: [1, 2]\n")
    assert tree is not None
    assert str(place(tree, ("a", "b", 1))) == "f.yaml:2:10"
    assert str(place(tree, ("a", "b", 9, "c"))) == "f.yaml:2:6"


@pytest.mark.parametrize(
    ("text", "rule", "says"),
    [
        ("anywhere:\n  *: slower\n", "unquoted-star", '"*"'),
        ("anywhere:\n  #: faster\n  9: again\n", "unquoted-hash", '"#"'),
        ("keys: {1: a, #: b}\n", "unquoted-hash", '"#"'),
        ("a: &x 1\nb: 2\n", "yaml", "anchors"),
        ("a: *x\n", "yaml", "anchors"),
        ("a: 1\n---\nb: 2\n", "yaml", "one document"),
        ("a:\n\tb: 1\n", "yaml", "tab"),
        ("a: [1\n", "yaml", "not YAML"),
        ("? [a]\n: b\n", "yaml", "plain text"),
        ("a: \x01\n", "yaml", "no text has (U+0001)"),
        ("a: b\0\n", "yaml", "no text has (U+0000)"),
        ("a: !!python/object:os.system x\n", "yaml", "tags (!)"),
        ("a: &a [x]\nb: [*a, *a]\n", "yaml", "anchors"),
    ],
)
def test_what_yaml_trips_over_is_told_in_the_authors_words(text: str, rule: str, says: str) -> None:
    _, problems = read("f.yaml", text)
    assert rule in [p.rule for p in problems]
    assert says in " ".join(p.message for p in problems)


def test_depth_and_size_are_bounded() -> None:
    tree, problems = read("f.yaml", "[" * 100_000)
    assert tree is None and [p.rule for p in problems] == ["too-deep"]
    tree, problems = read("f.yaml", "a" * 1_000_001)
    assert tree is None and [p.rule for p in problems] == ["too-large"]


@given(st.text(alphabet=st.sampled_from("ab:[]{},-#*&!|>%@`\"' \n\t\\0中"), max_size=60))
def test_no_text_raises(text: str) -> None:
    tree, problems = read("f.yaml", text)
    assert tree is None or isinstance(tree, Text | Listing | Mapping)
    assert all(p.where.line >= 1 and p.where.column >= 1 for p in problems)


scalars = st.text(alphabet="abc中文 ", max_size=5)
documents = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(scalars, inner, max_size=3),
    max_leaves=10,
)


@given(documents)
def test_what_was_written_is_what_is_read(document: object) -> None:
    text = yaml.safe_dump(document, allow_unicode=True, default_style='"')
    # The dumper shares equal objects by anchors, which flows do not have.
    if "&id" not in text:
        assert value(text) == document
