"""Signed tokens."""

import base64
from urllib.parse import quote, unquote

from hypothesis import given
from hypothesis import strategies as st

from footfall.model import signed_token

KEY = b"k" * 32


@given(st.binary(max_size=300))
def test_a_token_gives_its_content_back_also_after_url_coding(content: bytes) -> None:
    token = signed_token.sign(content, KEY, "cursor")

    assert quote(quote(token)) == token
    assert signed_token.verify(unquote(token), KEY, "cursor") == content


@given(st.binary(max_size=50), st.integers(0, 60), st.integers(1, 255))
def test_a_token_with_any_byte_changed_is_refused(content: bytes, index: int, change: int) -> None:
    raw = bytearray(base64.urlsafe_b64decode(signed_token.sign(content, KEY, "cursor") + "=="))
    raw[index % len(raw)] ^= change
    forged = base64.urlsafe_b64encode(bytes(raw)).rstrip(b"=").decode()

    assert signed_token.verify(forged, KEY, "cursor") is None


@given(st.text(max_size=100))
def test_any_text_is_either_refused_or_ours(text: str) -> None:
    assert signed_token.verify(text, KEY, "cursor") is None


def test_a_token_of_another_key_or_purpose_is_refused() -> None:
    token = signed_token.sign(b"content", KEY, "cursor")

    assert signed_token.verify(token, b"other" * 4, "cursor") is None
    assert signed_token.verify(token, KEY, "scroll") is None
