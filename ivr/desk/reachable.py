"""Which numbers may be called back: real ones of people, in the countries that are allowed.

Pure. A caller types what she likes, or shows what she likes, so a number that costs us, or that
would ring a machine, somebody abroad or ourselves, is refused before anything is promised.
"""

from __future__ import annotations

import re
from collections.abc import Collection

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

from ivr.flow.effects import Refused

# The region whose numbers are written without a country code.
HOME = "CN"
_OF_PEOPLE = frozenset(
    {
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.VOIP,
    }
)
_WHAT = {
    PhoneNumberType.PREMIUM_RATE: "a premium rate number",
    PhoneNumberType.SHARED_COST: "a number of shared cost",
    PhoneNumberType.TOLL_FREE: "a toll free number",
    PhoneNumberType.UAN: "a company's number",
    PhoneNumberType.PAGER: "a pager",
}


def reachable(text: str, countries: Collection[str], ours: Collection[str]) -> str | Refused:
    """Return a number as it is to be dialled, or why nobody is called there.

    `text` is as the business has it (`13800138000`, `85291234567`), `countries` are codes of
    regions such as CN, `ours` the numbers of the hotline, its desks and its agents. What is dialled
    is digits: as people dial it at home, and with its country's code and `+` abroad. The reason
    holds no number.
    """
    if text in ours:
        return Refused("a number of our own")
    if not re.fullmatch(r"\+?[0-9]{3,17}", text):
        return Refused("no number")
    number = _read(text)
    if number is None:
        return Refused("no number that can be dialled")
    national = str(phonenumbers.national_significant_number(number))
    if national in ours:
        return Refused("a number of our own")
    region = phonenumbers.region_code_for_number(number)
    if region not in countries:
        where = region if region and region.isalpha() else "no country"
        return Refused(f"a number in {where}, where nobody is called back")
    kind = phonenumbers.number_type(number)
    if kind not in _OF_PEOPLE:
        return Refused(_WHAT.get(kind, "no number of a person"))
    if region != HOME:
        return str(phonenumbers.format_number(number, PhoneNumberFormat.E164))
    at_home = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    return "".join(char for char in at_home if char.isdecimal())


def at_home(text: str) -> str:
    """Return a number as it is dialled where only those of `HOME` are; "" for any other."""
    number = reachable(text, (HOME,), ())
    return "" if isinstance(number, Refused) else number


def _read(text: str) -> PhoneNumber | None:
    # Callers abroad are known by their country's code and number, without a `+`.
    for written in (text, f"+{text.removeprefix('+')}"):
        try:
            number = phonenumbers.parse(written, HOME)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return number
    return None
