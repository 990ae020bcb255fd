"""Who calls: the number that the switch tells, as the business knows it."""

from __future__ import annotations

import phonenumbers

from ivr.desk.reachable import HOME


def caller_number(text: str) -> str:
    """Return a caller's number as the business knows it: digits, without her country's code.

    One from abroad whose digits are also a number at home (+1 380 555 1234) keeps the 00 before
    them: it is another person's. What is no number is "": the flow then asks for one.
    """
    digits = "".join(char for char in text if char in "0123456789+")[:32]
    try:
        number = phonenumbers.parse(digits, HOME)
    except phonenumbers.NumberParseException:
        return digits.replace("+", "")
    national = str(phonenumbers.national_significant_number(number))
    if number.country_code == phonenumbers.country_code_for_region(HOME):
        return national
    abroad = f"{number.country_code}{national}"
    return (
        f"00{abroad}" if phonenumbers.is_valid_number(phonenumbers.parse(abroad, HOME)) else abroad
    )
