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
        ("请直接按1号键。", "1"),
        ("请按 1 键，或 2 键。", "1 2"),
        ("请按０；返回请按＊；结束请按＃。", "0 * #"),
        ("请按“1”键或“2”键。", "1 2"),
        ("请按井字键，或者#号键。", "#"),
        ("请按星键。", "*"),
        ("请拨0转人工，或拨打10086。", "0"),
        ("请按下数字1。", "1"),
        ("按〇转人工。", "0"),
        ("请选择1或2；确认请输入3。", "1 2 3"),
        ("请按1-3。", "1 2 3"),
        ("请按1、2/3，以及4。", "1 2 3 4"),
        ("请按1个人业务，请按2日常缴费。", "1 2"),
        ("请按一，二十元起。", "1"),
        ("请按1，3至5个工作日到账。", "1"),
        ("请按1，100元以上请按2。", "1 2"),
        ("请按零，五折优惠。", "0"),
        ("请选择5G套餐。", ""),
        ("请按1年费用户。", "1"),
        ("按2022年的规定，按下一步办理。", ""),
        ("请输入11位手机号码，号码如13800138000。", ""),
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
        ("請撳1字，或者2字。", "1 2"),
        ("請撳1字掣同井字掣。", "1 #"),
        ("請撳＃字掣。", "#"),
        ("請撳住１。", "1"),
        ("請撳一，八折優惠。", "1"),
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
        ("Dial zero, or hit the star key.", "0 *"),
        ("Press the number 1, or push key 2.", "1 2"),
        ("Press either '1' or “2”.", "1 2"),
        ("Press 1-3, or 4 thru 5.", "1 2 3 4 5"),
        ("Press any key from 1 to 3.", "1 2 3"),
        ("Press the pound sign, or the number sign.", "#"),
        ("Press １ for sales and the star key for help.", "1 *"),
        ("Press one, two lines are free.", "1"),
        ("Press 1, 24 hours a day.", "1"),
        ("Press one, three to five days.", "1"),
        ("Press one for sales, two for one offers.", "1"),
        ("Select one of our plans, or choose 2.", "2"),
        ("Enter six digits, or call 10086.", ""),
    ],
)
def test_english_tells_its_keys(text: str, keys: str) -> None:
    assert keys_said(text, "en") == set(keys.split())


@pytest.mark.parametrize(("text", "language"), [("请按1", "cmn"), ("press 1", "en")])
def test_a_long_row_of_spaces_takes_no_time(text: str, language: str) -> None:
    assert keys_said(text + " " * 20_000 + "x", language) == {"1"}
