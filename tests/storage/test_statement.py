"""Lists as parameters."""

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect

from footfall.storage.statement import Statement, is_in, json_array
from footfall.storage.tables import identities


@pytest.mark.parametrize("dialect", [sqlite.dialect(), postgresql.dialect()])  # type: ignore[no-untyped-call]
def test_a_list_is_a_condition_that_an_index_can_answer(dialect: Dialect) -> None:
    condition = is_in(identities.c.value, "values")
    statement = Statement(sa.select(identities.c.customer).where(identities.c.kind == "email", condition))
    text = statement.compiled(dialect).text
    assert text.endswith(")"), "a comparison of the condition with true would keep it from the index"


def test_a_list_becomes_json() -> None:
    assert json_array(["a", 1, "ü", "\\u0000"]) == '["a",1,"ü","\\\\u0000"]'


def test_a_text_with_a_nul_is_left_out_because_sqlite_would_cut_there() -> None:
    assert json_array(["a", "u\0x", "b"]) == '["a","b"]'
