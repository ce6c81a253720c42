"""``footfall targets recompute``."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from footfall.capture.batch import Batch
from footfall.capture.service import Capture
from footfall.cli.main import main
from footfall.model.target import RuleChange, TargetDefinition
from footfall.model.workspace import Workspace
from footfall.storage.database import Database
from footfall.targets import definition, editing
from tests.targets.making import ONE, new_event, new_group, new_rule


@pytest.fixture
def changed(database: Database, capture: Capture, tenant: Workspace) -> TargetDefinition:
    """A group whose sum has become a count, after two purchases."""
    made = capture.change_now(definition.create, tenant.number, new_group([new_rule(goals=(2 * ONE,))], [("A", 0, 10)]))
    events = [new_event("ann", 1, 5 * ONE), new_event("ann", 2, ONE)]
    capture.submit(Batch(workspace=tenant, events=events)).result()
    change = RuleChange(type="COUNT")
    capture.change_now(editing.edit_rule, tenant.number, made.group.id, made.rules[0].id, change)
    return made


def run(database: Database, tenant: Workspace, group: int, *options: str) -> Any:
    arguments = ["targets", "recompute", "--workspace", tenant.name, "--database", database.url, str(group)]
    return CliRunner().invoke(main, [*arguments, *options])


def test_a_recompute_tells_what_it_changed_and_finds_nothing_more(
    database: Database, tenant: Workspace, changed: TargetDefinition
) -> None:
    looked = run(database, tenant, changed.group.id, "--dry-run")
    first = run(database, tenant, changed.group.id)
    again = run(database, tenant, changed.group.id)

    rule, period = changed.rules[0].id, changed.periods[0].id
    line = f"target {rule}, period {period}: 6 -> 2"
    summary = (
        "1 customers: tracked events 0 added, 0 removed, 1 changed, 1 as they were; 1 progress changed, 0 enrolments"
    )
    assert (looked.exit_code, first.exit_code, again.exit_code) == (0, 0, 0)
    assert line in looked.output
    assert f"{summary} (nothing was written)" in looked.output
    assert line in first.output
    assert first.output.endswith(f"{summary}\n")
    assert "0 changed, 2 as they were; 0 progress changed" in again.output


def test_as_json_a_line_for_each_changed_progress_then_the_totals(
    database: Database, tenant: Workspace, changed: TargetDefinition
) -> None:
    result = run(database, tenant, changed.group.id, "--json")

    change, totals = [json.loads(line) for line in result.stdout.splitlines()]
    assert (change["before"], change["after"]) == ("6", "2")
    assert change["achieved_by_before"] < change["achieved_by_after"]
    assert totals == {
        "customers": 1,
        "added": 0,
        "removed": 0,
        "changed": 1,
        "kept": 1,
        "enrolments": 0,
        "progress": 1,
    }


def test_a_group_that_is_not_there_is_told_so(database: Database, tenant: Workspace) -> None:
    for options in ([], ["--dry-run"]):
        result = run(database, tenant, 77, *options)

        assert result.exit_code == 1
        assert "there is no active target group 77" in result.output


def test_a_workspace_that_is_not_there_is_told_so(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    result = CliRunner().invoke(main, ["targets", "recompute", "--workspace", "no", "--database", url, "1"])

    assert result.exit_code == 1
    assert "no workspace" in result.output
