"""Capture against a model of itself: random batches, repeats, refusals and restarts lose and double nothing."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from footfall.capture.batch import Batch
from footfall.capture.service import Capture
from footfall.model import identifiers
from footfall.model.customer import Identity
from footfall.model.event import Captured, CustomerReference, NewEvent, WhenUnknown
from footfall.model.workspace import Workspace
from footfall.storage import events, workspaces
from footfall.storage.connection import Connection
from footfall.storage.database import Database
from footfall.tenancy.creation import create
from tests.conftest import Databases

KEYS = st.none() | st.sampled_from([f"key-{number}" for number in range(6)])
USERS = st.sampled_from(["u1", "u2", "u3"])
EVENTS = st.lists(st.tuples(KEYS, USERS, st.booleans()), min_size=1, max_size=5)


class CaptureMachine(RuleBasedStateMachine):
    """The model: which ids are stored, for which customer, in which order."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.database = Database(url)
        self.database.prepare()
        self.capture = Capture(self.database)
        self.stored: dict[bytes, str] = {}
        self.users: set[str] = set()
        self.capture.change_now(create, "acme", "UTC")
        found = self.database.read(workspaces.by_name, "acme")
        assert found is not None
        self.workspace = found

    @rule(sent=EVENTS, all_or_nothing=st.booleans())
    def capture_a_batch(self, sent: list[tuple[str | None, str, bool]], all_or_nothing: bool) -> None:
        batch = [
            NewEvent(
                name="step",
                occurred_at=index,
                received_at=1,
                external_id=key,
                customer=CustomerReference(
                    identities=(Identity("external_id", user),),
                    when_unknown=WhenUnknown.REFUSE if must_be_known else WhenUnknown.REGISTER,
                ),
            )
            for index, (key, user, must_be_known) in enumerate(sent)
        ]
        known_before = set(self.users)
        refused = {
            index for index, (_, user, must_be_known) in enumerate(sent) if must_be_known and user not in known_before
        }

        result = self.capture.submit(
            Batch(workspace=self.workspace, events=batch, all_or_nothing=all_or_nothing)
        ).result()

        assert set(result.refused) == refused
        if refused and all_or_nothing:
            assert result.outcomes == []
            return
        for index, ((key, user, _), outcome) in enumerate(zip(sent, result.outcomes, strict=True)):
            assert isinstance(outcome, Captured) == (index not in refused)
            if not isinstance(outcome, Captured):
                continue
            if key is not None:
                assert outcome.id == identifiers.derived_id(self.workspace.id, key)
            assert outcome.repeated == (outcome.id in self.stored)
            if not outcome.repeated:
                self.stored[outcome.id] = user
                self.users.add(user)

    @rule()
    def restart(self) -> None:
        self.capture.close()
        self.capture = Capture(self.database)

    @invariant()
    def the_store_holds_what_was_acknowledged(self) -> None:
        assert self.database.read(events.known, self.workspace.number, list(self.stored)) == set(self.stored)
        assert self.database.read(_last_sequence, self.workspace) == len(self.stored)

    def teardown(self) -> None:
        self.capture.close()
        self.database.close()


def test_capture_loses_and_doubles_nothing(databases: Databases) -> None:
    chosen = settings(max_examples=25, stateful_step_count=12, deadline=None)
    stored: list[dict[bytes, str]] = []

    def machine() -> CaptureMachine:
        made = CaptureMachine(databases.new_url())
        stored.append(made.stored)
        return made

    run_state_machine_as_test(machine, settings=chosen)  # type: ignore[arg-type]

    assert any(stored), "some run stored events, so that what the machine checks was there"


def _last_sequence(connection: Connection, workspace: Workspace) -> int:
    return connection.last_sequence(workspace.number)
