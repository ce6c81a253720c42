"""Lists as parameters."""

import pytest

from footfall.storage.statement import json_array


def test_a_list_becomes_json() -> None:
    assert json_array(["a", 1, "ü", "\\u0000"]) == '["a",1,"ü","\\\\u0000"]'


def test_a_nul_is_refused_because_sqlite_would_cut_there() -> None:
    with pytest.raises(ValueError, match="NUL"):
        json_array(["a", "u\0x"])
