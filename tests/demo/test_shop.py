"""The demo's story."""

from datetime import date
from itertools import islice

from footfall.demo.shop import first_day, shoppers, story

TODAY = date(2026, 11, 21)


def test_the_same_seed_tells_the_same_story() -> None:
    people = shoppers(7, 50)

    assert list(story(7, people, 100, TODAY)) == list(story(7, shoppers(7, 50), 100, TODAY))
    assert list(story(8, people, 100, TODAY)) != list(story(7, people, 100, TODAY))


def test_the_story_spans_four_months_up_to_today() -> None:
    assert first_day(TODAY) == date(2026, 8, 1)
    assert first_day(date(2026, 2, 1)) == date(2025, 11, 1)

    moments = [str(event["occurred_at"]) for event in story(1, shoppers(1, 50), 500, TODAY)]

    assert min(moments) >= "2026-08-01"
    assert {moment[:7] for moment in moments} == {"2026-08", "2026-09", "2026-10", "2026-11"}


def test_a_returned_bill_was_bought_before_for_the_same_amount() -> None:
    bought: dict[object, object] = {}
    returns = 0
    for event in islice(story(1, shoppers(1, 50), 3000, TODAY), 20_000):
        properties = event["properties"]
        assert isinstance(properties, dict)
        if event["name"] == "ADD_TRANSACTION":
            bought[properties["bill_number"]] = event["amount"]
        if event["name"] == "RETURN_BILL":
            returns += 1
            assert event["amount"] == f"-{bought[properties['bill_number']]}"
    assert returns > 10
