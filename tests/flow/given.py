"""What whole calls are given: a flow with every key, and what a back end tells."""

from datetime import date
from decimal import Decimal

from ivr.flow.services import Found

BALANCE = Found({"balance": Decimal("123.45"), "expires": date(2026, 12, 31)})
MENU = """
flow: f
languages: [cmn, yue, en]
start: menu
anywhere: {"*": slower, "#": faster, 9: again, 0: agent}
nodes:
  menu: {menu: [ask, ask_short], keys: {1: hello, 2: yue}, otherwise: agent}
  hello: {say: hello, go: menu}
  yue: {language: ask, keys: {2: yue}, go: menu}
  agent: {queue: desk, unanswered: bye}
  bye: hangup
"""
