"""What searches show of an event's session, whatever its capturer put there."""

from typing import Any

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st

from footfall.apis.gainsight_px.mapping import shown_session

TEXTS = {
    "sessionId": "session_id",
    "url": "url",
    "referrer": "referrer",
    "remoteHost": "remote_host",
    "userType": "user_type",
}
scalars = st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3)
documents = scalars | st.lists(scalars, max_size=2) | st.dictionaries(st.text(max_size=2), scalars, max_size=2)
names = st.sampled_from([*TEXTS, "globalContext", "utm_source"])


@given(st.dictionaries(names, documents, max_size=6))
@example({"sessionId": 5, "url": "u", "globalContext": {"a": 1}})
@example({"sessionId": "s", "globalContext": "text"})
def test_texts_and_an_object_are_shown_and_nothing_of_another_type(session: dict[str, Any]) -> None:
    shown = shown_session(msgspec.json.encode(session).decode())

    for name, attribute in TEXTS.items():
        stored = session.get(name)
        assert getattr(shown, attribute) == (stored if isinstance(stored, str) else "")
    context = session.get("globalContext")
    assert msgspec.json.decode(shown.global_context) == (context if isinstance(context, dict) else {})


def test_of_a_name_given_twice_the_last_counts() -> None:
    assert shown_session('{"url": 5, "url": "last"}').url == "last"
    assert shown_session('{"url": "first", "url": 5}').url == ""
    assert shown_session('{"url": "first", "url": "last"}').url == "last"
