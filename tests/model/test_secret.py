"""Secrets."""

import base64
import re

from footfall.model import secret


def test_capillarys_published_vector_of_the_basic_header() -> None:
    pair = f"store.server:{secret.md5_hex('server123')}"

    assert base64.b64encode(pair.encode()).decode() == "c3RvcmUuc2VydmVyOjhhMTZhNmI3MDUwNWViMWYxZmY3Y2RjMGNkNTU1OWE3"


def test_a_checked_token_has_prefix_length_and_checksum() -> None:
    token = secret.new_checked_token(secret.RAPIDLY_PREFIX)

    assert re.fullmatch(r"rapidly_oat_[A-Za-z0-9_-]{48}", token)
    assert secret.is_checked_token(token, secret.RAPIDLY_PREFIX)
    other = "A" if token[20] != "A" else "B"
    assert not secret.is_checked_token(token[:20] + other + token[21:], secret.RAPIDLY_PREFIX)
    assert not secret.is_checked_token(token[:-1], secret.RAPIDLY_PREFIX)
    assert not secret.is_checked_token(token[:-1] + "!", secret.RAPIDLY_PREFIX)


def test_product_names_have_their_products_form() -> None:
    assert re.fullmatch(r"[A-Z0-9]{3}-[A-Z0-9]{3}-[A-Z0-9]{4}", secret.new_clevertap_account_id())
    assert re.fullmatch(r"AP-[A-Z0-9]{12}-2", secret.new_property_key())
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", secret.new_px_api_key())


def test_the_stored_hash_depends_on_every_part() -> None:
    pepper = b"p" * 32
    hashes = {
        secret.stored_hash(pepper, "kind", "name", "secret"),
        secret.stored_hash(pepper, "kind", "name", "other"),
        secret.stored_hash(pepper, "kind", "other", "secret"),
        secret.stored_hash(pepper, "other", "name", "secret"),
        secret.stored_hash(b"q" * 32, "kind", "name", "secret"),
        secret.stored_hash(pepper, "kind", "name\0secret", ""),
    }

    assert len(hashes) == 6
