import pytest

from ivr.lang.pressing import keys_said


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("查询话费，请按一。", "1"),
        ("请按一，二，或者零。", "1 2 0"),
        ("请按一到三，或者零。", "1 2 3 0"),
        ("请按1或2。", "1 2"),
        ("慢一点，请按星号。快一点，请按井号键。", "* #"),
        ("请按一二。", "12"),
        ("按零键转人工，按九键重听。", "0 9"),
        ("没有收到您的按键。", ""),
        ("请按一下星号。", "*"),
        ("请按一，三天内办理。", "1"),
        ("请在三个工作日内办理。", ""),
        ("结束请按井号，谢谢。", "#"),
    ],
)
def test_mandarin_tells_its_keys(text: str, keys: str) -> None:
    assert keys_said(text, "cmn") == set(keys.split())


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("留言，請撳二。搵客戶服務員，請撳零。", "2 0"),
        ("請撳一到六，或者零。", "1 2 3 4 5 6 0"),
        ("想聽慢啲，請撳星號。", "*"),
        ("收唔到您嘅選擇。", ""),
    ],
)
def test_cantonese_tells_its_keys(text: str, keys: str) -> None:
    assert keys_said(text, "yue") == set(keys.split())


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("For English, press three.", "3"),
        ("Press one, two, or zero.", "1 2 0"),
        ("Press one to six, or zero.", "1 2 3 4 5 6 0"),
        ("Press 1 for sales, 2 for support, or star to hear this again.", "1 2 *"),
        ("Press the star key or the hash key.", "* #"),
        ("To leave, press one two.", "12"),
        ("Press hash when you are done.", "#"),
        ("One moment, please. You have two lines.", ""),
        ("Impressive: three offers.", ""),
        ("Press one. Two for one is our offer.", "1"),
    ],
)
def test_english_tells_its_keys(text: str, keys: str) -> None:
    assert keys_said(text, "en") == set(keys.split())
