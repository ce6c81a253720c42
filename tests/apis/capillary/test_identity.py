"""Identifier types, sources and accounts (contracts/capillary.md 2.2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.apis.capillary.identity import INSTORE_PLACE, Place, identity, is_type, place, place_of, shown
from footfall.model.customer import Identity

PLATFORMS = [
    "wechat", "martjackId", "cuid", "fbId", "unionId", "fcmToken", "line", "tmall_uname", "ali_uname", "jd_uname",
    "vip_uname",
]  # fmt: skip
EVERYWHERE = ["mobile", "email", "externalId", "cardnumber", "cardExternalId"]
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40).filter(str.strip)


@pytest.mark.parametrize("name", [*PLATFORMS, *EVERYWHERE, "userId", "id", "USERID", "CardNumber"])
def test_every_type_of_the_product_is_known(name: str) -> None:
    assert is_type(name)


@given(st.sampled_from(PLATFORMS), TEXT, TEXT, TEXT)
def test_a_platforms_name_is_shown_as_it_was_given_where_it_was(
    kind: str, value: str, source: str, account: str
) -> None:
    where = place(source, account)
    assert where is not None
    name = identity(kind.upper(), value, where)

    assert name is not None
    assert shown(name) == (kind, value.strip())
    assert place_of(name) == where


@given(TEXT, TEXT, TEXT)
def test_equal_names_in_different_places_are_different(value: str, source: str, account: str) -> None:
    where = place(source, account)
    assert where is not None

    assert (identity("wechat", value, where) == identity("wechat", value)) == (where == INSTORE_PLACE)
    assert identity("wechat", value, where) != identity("line", value, where)


@pytest.mark.parametrize("kind", EVERYWHERE)
def test_a_name_that_holds_everywhere_is_the_same_in_every_place(kind: str) -> None:
    value = {"mobile": "+44 20 1", "email": "Anna@Example.com"}.get(kind, "v")
    name = identity(kind, value, Place("WECHAT", "a"))

    assert name is not None
    assert name == identity(kind, value)
    assert place_of(name) is None
    assert shown(name) is not None


@pytest.mark.parametrize(
    ("source", "account", "found"),
    [
        (None, None, Place("INSTORE", "")),
        ("", "", Place("INSTORE", "")),
        ("instore", "ignored", Place("INSTORE", "")),
        (" WeChat ", " a ", Place("WECHAT", "a")),
        ("WECHAT", "a" * 65, None),
        ("W" * 65, None, None),
        ("WECHAT", "a\0", None),
    ],
)
def test_places(source: str | None, account: str | None, found: Place | None) -> None:
    assert place(source, account) == found


def test_names_that_only_other_products_know_are_not_shown() -> None:
    assert shown(Identity("object_id", "o")) is None
    assert shown(Identity("other", "elsewhere")) is None
    assert shown(Identity("other", "elsewhere:1")) is None
