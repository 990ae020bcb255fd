import pytest

from ivr.flow.source import Wrong
from ivr.trial.acts import HANG_UP, SILENCE, Act, act


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("1", Act("1")),
        ("13800138000#", Act("13800138000#")),
        ("1 after 3s", Act("1", after=3)),
        ("1 at 1m", Act("1", at=60)),
        ("* during valid until", Act("*", during="valid until")),
        ("hangup after 500ms", Act(HANG_UP, after=0.5)),
        ("-", Act(SILENCE)),
        ("silence", Act(SILENCE)),
    ],
)
def test_what_a_caller_does_is_read(written: str, read: Act) -> None:
    assert act(written) == read
    assert act(str(read)) == read


@pytest.mark.parametrize("written", ["", "a", "1 after 3", "1 soon", "- after 3s", "1 during ", 1])
def test_what_nobody_can_do_is_told(written: object) -> None:
    with pytest.raises(Wrong):
        act(written)
