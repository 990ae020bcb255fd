"""Whatever a caller does on the shipped flows ends in a whole record, without a fault of ours."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.trial import simulation
from ivr.trial.acts import acts
from tests.stage import shipped
from tests.trial.scenes import world

SHIPPED = shipped()
SECRETS = ("/password", "/identity_card", "/card")
PASSWORD, CARD = "138001", "2026112500000012"
KEYS = st.one_of(
    st.sampled_from(["-", "hangup", "1", "2", "5", "13800138000", PASSWORD, PASSWORD + "7", CARD]),
    st.text("0123456789*#", min_size=1, max_size=17),
)
WHEN = st.sampled_from(["", "", "", " after 0s", " after 1s", " after 9s", " at 20s"])
DOES = st.builds(lambda keys, when: keys + ("" if keys == "-" else when), KEYS, WHEN)
ANSWERS = st.sampled_from(["fails", "missing", "fails after 3s", ""])
PROOF = "{after: 2s, any: {proof: wrong}}"


@settings(max_examples=100, deadline=None)
@given(
    st.lists(DOES, max_size=15),
    st.sampled_from(["", "13800138000", "1000"]),
    st.sampled_from(["nobody", "full", "unanswered", "1001 answers after 5s"]),
    st.sampled_from(["silent", "8s", "300s"]),
    ANSWERS,
)
def test_every_call_ends_in_a_whole_record(
    does: list[str], caller: str, agents: str, recording: str, answer: str
) -> None:
    around = world(
        f'caller: "{caller}"\nagents: {{front_desk: {agents}}}\nrecording: {recording}\n'
        f"billing.password: {answer or PROOF}\nbilling.recharge: {answer or 'fails'}",
        SHIPPED,
    )
    record = simulation.play(SHIPPED, "hotline", around, acts(does)).record
    assert record.ended is not None and record.path
    assert record.outcome in ("finished", "answered", "abandoned"), record.why
    typed = [key for key in record.keys if key.node.endswith(SECRETS)]
    assert all(key.key in "•*#" for key in typed)
