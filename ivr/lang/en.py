"""English, British style: `one thousand and ten`, `the second of May`."""

from ivr.lang import english_calendar, english_money, english_numbers
from ivr.lang.codes import Codes
from ivr.lang.english_numbers import ONES, small
from ivr.lang.language import Language
from ivr.lang.limits import CURRENCIES

# zero, for "oh" is mistaken for a letter.
_CODES = Codes(ONES[:10], small, plus="plus", ending="ending in", space=" ")

LANGUAGE = Language(
    "en",
    "English",
    space=" ",
    breath=", ",
    sayings=english_numbers.SAYINGS
    | english_money.SAYINGS
    | english_calendar.SAYINGS
    | _CODES.sayings(),
    shipped={
        "money": CURRENCIES,
        "count": ("line", "phone", "message", "call", "minute", "day", "service", "caller"),
    },
)
