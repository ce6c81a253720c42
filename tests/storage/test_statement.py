"""Lists as parameters."""

from footfall.storage.statement import json_array


def test_a_list_becomes_json() -> None:
    assert json_array(["a", 1, "ü", "\\u0000"]) == '["a",1,"ü","\\\\u0000"]'


def test_a_text_with_a_nul_is_left_out_because_sqlite_would_cut_there() -> None:
    assert json_array(["a", "u\0x", "b"]) == '["a","b"]'
