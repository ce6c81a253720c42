from collections import Counter
from itertools import islice, pairwise
from pathlib import Path

from benchmarks import dataset
from footfall.importing.mapping import load
from footfall.importing.rows import RowReader
from footfall.importing.translation import Translator
from footfall.model.event import ADD_TRANSACTION, NewEvent


def people(events: list[NewEvent]) -> list[str]:
    return [event.customer.identities[0].value for event in events if event.customer is not None]


def test_the_same_seed_gives_the_same_events() -> None:
    assert list(dataset.new_events(2_000)) == list(dataset.new_events(2_000))
    assert list(dataset.new_events(2_000)) != list(dataset.new_events(2_000, seed=2))


def test_events_arrive_in_order_and_none_is_in_the_future_of_its_arrival() -> None:
    events = list(dataset.new_events(5_000))

    assert all(one.received_at <= other.received_at for one, other in pairwise(events))
    assert all(dataset.START <= event.occurred_at <= event.received_at for event in events)
    assert events[-1].received_at < dataset.START + dataset.SPAN


def test_one_event_in_twenty_is_a_purchase_and_regulars_make_enough_for_a_page() -> None:
    purchases = [event for event in dataset.new_events(50_000) if event.name == ADD_TRANSACTION]

    assert len(purchases) == 2_500
    assert min(Counter(people(purchases)).values()) >= 10


def test_the_file_to_import_is_read_by_its_mapping(tmp_path: Path) -> None:
    table, mapping = tmp_path / "visits.csv", tmp_path / "mapping.toml"
    dataset.write_csv(table, 10, 1_000, seed=3)
    mapping.write_text(dataset.MAPPING)
    mapped = load(mapping)
    reader = RowReader(table, mapped)
    rows = list(reader.rows())
    translator = Translator(mapped, reader.columns, b"")

    events = [translator.event(row, received_at=0) for row in rows]
    reader.close()

    expected = list(islice(dataset.visits(10, 1_000, seed=3), 10))
    assert [(event.name, event.occurred_at) for event in events] == [(one.name, one.occurred_at) for one in expected]
    assert people(events) == [one.customer for one in expected]
