from pathlib import Path

import pytest

from benchmarks import document
from benchmarks.report import Line, Run, Target, as_table, read_json, write_json


def line(**fields: object) -> Line:
    return Line(**{"operation": "reading", "figure": 60.0, "unit": "requests/s", **fields})  # type: ignore[arg-type]


def run_of(*lines: Line) -> Run:
    return Run(engine="sqlite", engine_version="SQLite 3", events=1_000, seconds=1.0, lines=list(lines))


@pytest.mark.parametrize(
    ("fields", "met"),
    [
        ({"baseline": 100.0, "target": Target(0.6)}, True),
        ({"baseline": 101.0, "target": Target(0.6)}, False),
        ({"baseline": 30.0, "target": Target(2, at_most=True)}, True),
        ({"baseline": 29.0, "target": Target(2, at_most=True)}, False),
        ({"target": Target(60, of="figure", at_most=True)}, True),
        ({"target": Target(59, of="figure", at_most=True)}, False),
        ({"baseline": 100.0}, None),
    ],
)
def test_a_target_is_of_the_ratio_or_of_the_figure(fields: dict[str, object], met: bool | None) -> None:
    assert line(**fields).met is met


def test_what_is_written_for_programs_can_be_read_again(tmp_path: Path) -> None:
    run = run_of(line(baseline=100.0, target=Target(0.5), p50_ms=1.5), line(operation="other"))

    write_json(run, tmp_path / "results.json")

    assert read_json(tmp_path / "results.json") == run


def test_the_table_says_where_a_target_is_missed() -> None:
    table = as_table(run_of(line(baseline=100.0, target=Target(0.5)), line(baseline=1_000.0, target=Target(0.5))))

    rows = [row.split() for row in table.splitlines() if row.startswith("reading")]
    assert [(row[4], row[7]) for row in rows] == [("0.60", "yes"), ("0.06", "NO")]


def test_the_documentation_gets_the_table_of_its_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page, results = tmp_path / "performance.md", tmp_path / "results.json"
    page.write_text("before\n<!-- sqlite: begin -->\nold\n<!-- sqlite: end -->\nafter\n")
    write_json(run_of(line()), results)
    monkeypatch.setattr(document, "PAGE", page)

    document.write(results)
    document.write(results)

    text = page.read_text()
    assert text.startswith("before\n<!-- sqlite: begin -->\n")
    assert text.endswith("\n<!-- sqlite: end -->\nafter\n")
    assert text.count("| reading |") == 1
    assert "old" not in text
