"""What services.yaml may say, and how arguments keep their place in a path."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.errors import IvrError
from ivr.flow.declaring import declare
from ivr.flow.services import Declared, Lookup, Post
from ivr.flow.source import Wrong

SHIPPED = Path(__file__).parents[2] / "flows" / "services.yaml"


def declared(text: str) -> Declared:
    found, problems = declare("s.yaml", text)
    assert found is not None, problems
    return found


def complaints(text: str) -> list[str]:
    found, problems = declare("s.yaml", text)
    assert found is None
    return [str(problem) for problem in sorted(problems)]


def lookup(get: str) -> Lookup:
    lookups = f"lookups: {{one: {{get: '{get}', gives: {{x: text}}}}}}"
    return declared(f"s: {{url: 'http://localhost:1', {lookups}}}").lookups["s.one"]


def test_the_shipped_services_are_right() -> None:
    balance = declared(SHIPPED.read_text(encoding="utf-8")).lookups["billing.balance"]
    assert balance.arguments == {"number"}
    assert balance.gives["balance"] == "money"
    assert (balance.time_limit, balance.tries) == (8.0, 2)
    assert balance.missing == {404}


@pytest.mark.parametrize("text", ["", "# nothing yet\n"])
def test_an_empty_file_declares_nothing(text: str) -> None:
    assert declared(text) == Declared({}, {})


def test_all_mistakes_are_told_at_once_with_their_places() -> None:
    assert complaints(
        """\
billing:
  url: 127.0.0.1:8081
  time_limit: 8
  tries: many
  retries: 2
  lookups:
    balance:
      get: customers/{number}
      gives: {balance: monny, 9x: text}
      mising: [404]
    plan:
      missing: [200]
      gives: {}
2nd: {}
"""
    ) == [
        "s.yaml:2:8: an address such as http://127.0.0.1:8081 is expected here [wrong-value]",
        "s.yaml:3:15: 8 has no unit; did you mean 8s or 8m? [no-unit]",
        "s.yaml:4:10: a whole number is expected here, such as 3; this is 'many' [wrong-value]",
        "s.yaml:5:3: service 'billing' has no 'retries'; did you mean 'tries'? [unknown-key]",
        "s.yaml:8:12: a path begins with /; did you mean '/customers/{number}'? [wrong-value]",
        "s.yaml:9:24: 'monny' is none of money, number, date, text, digits, language, phone, tail,"
        " time, duration, period, data, plan; did you mean 'money'? [wrong-value]",
        "s.yaml:9:31: '9x' cannot be a name here: letters, digits and _, beginning with a letter"
        " [bad-name]",
        "s.yaml:10:7: 'balance' has no 'mising'; did you mean 'missing'? [unknown-key]",
        "s.yaml:12:17: at least 400 is expected here; this is '200' [wrong-value]",
        "s.yaml:14:1: '2nd' cannot be a name here: letters, digits and _, beginning with a letter"
        " [bad-name]",
        "s.yaml:14:6: service '2nd' needs 'url' and 'lookups' [missing-key]",
    ]


@pytest.mark.parametrize("text", ["just words", "- a\n- b", "billing: [", "billing: 3"])
def test_a_file_of_another_shape_is_a_problem_with_a_place(text: str) -> None:
    assert all(line.startswith("s.yaml:") for line in complaints(text))


@pytest.mark.parametrize(
    "url",
    [
        "ftp://host",
        "http://",
        "http://ho st",
        "http://host:99999",
        "http://host:x",
        "http://host:0",
        "http://user:secret@host",
        "http://host/?a=1",
        "http://host/#x",
        "http://host\n.evil",
        f"http://{'a' * 64}",
        "http://[::1",
        "//host",
        "",
    ],
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    services = declared("s: {url: 'http://localhost:1/api/', lookups: {one: {get: /, gives: {}}}}")
    assert services.urls == {"s": "http://localhost:1/api"}
    with pytest.raises(IvrError, match="the address of service 's'"):
        services.at({"s": url})


@pytest.mark.parametrize("url", ["http://[::1]:8081", "https://billing_1.internal", "http://a/b"])
def test_a_service_may_be_at_another_address(url: str) -> None:
    services = declared("s: {url: 'http://localhost:1', lookups: {one: {get: /, gives: {}}}}")
    assert services.at({"s": f"{url}/"}).urls == {"s": url}


def test_another_address_for_an_unknown_service_names_the_nearest() -> None:
    services = declared("billing: {url: 'http://b', lookups: {one: {get: /, gives: {}}}}")
    with pytest.raises(IvrError, match="no service 'biling'; did you mean 'billing'"):
        services.at({"biling": "http://localhost"})


@pytest.mark.parametrize(
    "get", ["/a{", "/a}", "/{}", "/{a b}", "/{1}", "/a b", "/a#b", "/../a", "/a/./b", "/é", "x"]
)
def test_a_path_that_cannot_be_asked_is_refused(get: str) -> None:
    with pytest.raises(AssertionError, match=r"s\.yaml"):
        lookup(get)


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        ("13800138000", "/customers/13800138000/x"),
        ("13800138000?x=1", "/customers/13800138000%3Fx%3D1/x"),
        ("a/b", "/customers/a%2Fb/x"),
        ("a\r\nHost: evil", "/customers/a%0D%0AHost%3A%20evil/x"),
        ("${x}", "/customers/%24%7Bx%7D/x"),
        ("{number}", "/customers/%7Bnumber%7D/x"),
        ("%2e%2e", "/customers/%252e%252e/x"),
        ("#1", "/customers/%231/x"),
        ("1..2", "/customers/1..2/x"),
        ("号", "/customers/%E5%8F%B7/x"),
    ],
)
def test_an_argument_keeps_its_place_in_the_path(value: str, sent: str) -> None:
    assert lookup("/customers/{number}/x").path({"number": value, "other": "ignored"}) == sent


@pytest.mark.parametrize(
    "value", ["", ".", "..", "../faults", "a/..", "..\\faults", "a/./b", "\ud800", "1" * 501]
)
def test_an_argument_that_no_encoding_keeps_in_place_is_not_sent(value: str) -> None:
    with pytest.raises(Wrong, match="the argument 'number'") as refused:
        lookup("/customers/{number}").path({"number": value})
    assert len(value) < 2 or value not in str(refused.value)


def test_every_argument_must_be_given() -> None:
    two = lookup("/{area}/{number}?full={area}")
    assert two.arguments == {"area", "number"}
    with pytest.raises(Wrong, match="the argument 'number' is not given"):
        two.path({"area": "755"})
    assert two.path({"area": "755", "number": "1&2"}) == "/755/1%262?full=755"


SENDING = "s: {url: 'http://localhost:1', lookups: {one: {post: '/x/{number}', %s}}}"


def test_what_a_look_up_sends_goes_in_the_body_and_the_rest_in_the_path() -> None:
    one = declared(SENDING % "sends: [card], gives: {x: text}").lookups["s.one"]
    given = {"number": "138", "card": "a/../b"}
    assert one.arguments == {"number", "card"}
    assert (one.path(given), one.body(given)) == ("/x/138", {"card": "a/../b"})
    with pytest.raises(Wrong, match="'card' is not given"):
        one.body({"number": "138"})


def test_a_post_may_send_nothing_and_a_get_has_no_body() -> None:
    assert declared(SENDING % "gives: {x: text}").lookups["s.one"].body({}) == {}
    assert lookup("/x").body({}) is None


@pytest.mark.parametrize(
    ("way", "complaint"),
    [
        ("missing: [404]", "a look-up needs either 'get' or 'post' [missing-key]"),
        ("get: /x, post: /x", "a look-up needs either 'get' or 'post' [missing-key]"),
        ("get: /x, sends: [a]", "a get sends nothing; did you mean 'post' in its place?"),
    ],
)
def test_a_look_up_is_asked_in_one_way(way: str, complaint: str) -> None:
    text = f"s: {{url: 'http://localhost:1', lookups: {{one: {{{way}, gives: {{x: text}}}}}}}}"
    (said,) = complaints(text)
    assert complaint in said


def test_messages_have_a_path_and_the_limits_of_a_service() -> None:
    found = declared("messages: {url: 'http://localhost:1', post: /sms, tries: 1}")
    assert found.post == Post("/sms", 8.0, 1)
    assert found.at({"messages": "http://localhost:2"}).post == found.post
    assert declared("").post is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("messages: {url: 'http://localhost:1'}", "service 'messages' needs 'post'"),
        ("messages: {url: 'http://localhost:1', post: sms}", "did you mean '/sms'?"),
        ("messages: {url: 'http://localhost:1', post: '/{to}'}", "a path without braces"),
        ("other: {url: 'http://localhost:1', post: /sms}", "service 'other' has no 'post'"),
    ],
)
def test_what_is_wrong_with_messages_is_told(text: str, told: str) -> None:
    assert told in "\n".join(complaints(text))
