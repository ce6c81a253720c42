"""Importing files into a real database."""

import gzip
import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from footfall.capture.service import Capture
from footfall.importing import job
from footfall.importing.job import FileImport, ImportSummary
from footfall.importing.mapping import InvalidMapping, parse
from footfall.model import identifiers, instant
from footfall.model.event import Event
from footfall.model.workspace import Workspace
from footfall.storage import customers, event_browse, events, imports
from footfall.storage.database import Database
from footfall.storage.event_browse import Browse

MAPPING = """
external_id = ["no", "at"]
[name]
column = "no"
rules = [{ prefix = "C", name = "RETURN" }]
default = "SALE"
[time]
column = "at"
format = "%m/%d/%Y %H:%M"
zone = "Europe/London"
[customer]
external_id = "who"
[amount]
product = ["quantity", "price"]
[properties.columns]
no = "string"
quantity = "integer"
price = "decimal"
"""
HEADER = "no,at,who,quantity,price\n"
KEYLESS = MAPPING.replace('external_id = ["no", "at"]', "")


class Shop:
    """A workspace to import files into, and a look at what became of them."""

    def __init__(self, database: Database, capture: Capture, tenant: Workspace, folder: Path) -> None:
        self.database = database
        self.capture = capture
        self.tenant = tenant
        self.folder = folder

    def run(
        self, content: str | bytes, mapping: str = MAPPING, name: str = "f.csv", *, restart: bool = False
    ) -> ImportSummary:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return FileImport(
            self.database,
            self.capture,
            self.tenant,
            path=path,
            mapping=parse(mapping),
            rejects=self.folder / "rejects",
            restart=restart,
        ).run()

    def event(self, external_id: str) -> Event:
        found = self.database.read(
            events.by_id, self.tenant.number, identifiers.derived_id(self.tenant.id, external_id)
        )
        assert found is not None
        return found

    def all(self) -> list[Event]:
        found: list[Event] = []
        for number in range(1, 10_000):
            customer = self.database.read(customers.by_number, self.tenant.number, number)
            if customer is None:
                return found
            asked = Browse(workspace=self.tenant.number, customer=number)
            found += [event for event, _ in self.database.read(event_browse.page, asked, None, 100_000)]
        return found

    def rejects(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in (self.folder / "rejects").read_text().splitlines()]


@pytest.fixture
def shop(database: Database, capture: Capture, tenant: Workspace, tmp_path: Path) -> Shop:
    return Shop(database, capture, tenant, tmp_path)


def sale(number: int) -> str:
    return f"{number},12/1/2010 8:26,c{number % 7},2,1.50\n"


def test_a_row_becomes_an_event_exactly(shop: Shop) -> None:
    summary = shop.run(HEADER + "C536,7/1/2011 8:26,(blank),-3,2.3333\n")

    assert (summary.rows, summary.stored, summary.rejected) == (1, 1, 0)
    event = shop.event("C536|7/1/2011 8:26")
    assert (event.name, event.amount, event.utc_offset) == ("RETURN", -6_999_900, 60)
    assert instant.to_datetime(event.occurred_at).isoformat() == "2011-07-01T07:26:00+00:00"
    assert event.properties == '{"no":"C536","quantity":-3,"price":2.3333}'
    assert event.customer is not None
    customer = shop.database.read(customers.by_number, shop.tenant.number, event.customer)
    assert customer is not None
    assert customer.external_id == "(blank)"


@pytest.mark.parametrize("mapping", [MAPPING, KEYLESS])
def test_running_twice_stores_nothing_twice(shop: Shop, mapping: str) -> None:
    content = HEADER + "".join(map(sale, range(30)))

    shop.run(content, mapping)
    again = shop.run(content, mapping)
    anew = shop.run(content, mapping, restart=True)

    assert (again.rows, again.resumed_after) == (0, 30)
    assert (anew.rows, anew.stored, anew.already_there) == (30, 0, 30)
    assert len(shop.all()) == 30


@pytest.mark.parametrize("mapping", [MAPPING, KEYLESS])
def test_a_file_that_has_grown_is_read_on(shop: Shop, mapping: str) -> None:
    content = HEADER + "".join(map(sale, range(10)))
    shop.run(content.rstrip("\n"), mapping)

    grown = shop.run(content + sale(10) + sale(11), mapping)

    assert (grown.resumed_after, grown.rows, grown.stored) == (10, 2, 2)


def test_another_file_that_begins_alike_is_read_from_its_start(shop: Shop) -> None:
    shop.run(HEADER + sale(1) + sale(2) + sale(3), KEYLESS)

    other = shop.run(HEADER + sale(1) + sale(5) + sale(6), KEYLESS)

    assert (other.resumed_after, other.stored, other.already_there) == (0, 2, 1)


def test_an_import_that_was_cut_off_goes_on_where_it_was(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "BATCH_ROWS", 10)
    content = HEADER + "".join(map(sale, range(25))) + "x,never,c,1,1\n" + "".join(map(sale, range(25, 60)))
    shop.run(content[: content.index("\n35,") + 1])

    summary = shop.run(content)

    assert (summary.resumed_after, summary.stored, summary.rejected_before) == (36, 25, 1)
    assert [reject["line"] for reject in shop.rejects()] == [27]
    assert len(shop.all()) == 60


def test_a_batch_that_fails_is_not_stepped_over_by_the_next(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "BATCH_ROWS", 5)
    content = HEADER + "".join(map(sale, range(8))) + "bad,never,c,1,1\n" + "".join(map(sale, range(8, 20)))
    put, calls = imports.put, itertools.count()

    def fail_once(*given: Any) -> None:
        if next(calls) == 1:
            raise RuntimeError("power cut")
        put(*given)

    with monkeypatch.context() as broken:
        broken.setattr("footfall.storage.imports.put", fail_once)
        with pytest.raises(RuntimeError, match="power cut"):
            shop.run(content)
        shop.capture.change_now(lambda _: None)  # what was under way is done
    assert len(shop.all()) == 5

    summary = shop.run(content)

    assert (summary.resumed_after, summary.stored, summary.rejected) == (5, 15, 1)
    assert [reject["number"] for reject in shop.rejects()] == [9]


def test_bad_rows_are_told_with_line_reason_and_row(shop: Shop) -> None:
    summary = shop.run(
        HEADER
        + sale(1)
        + "2,12/1/2010 8:26,c\n"
        + '\n3,"12/1/2010\n8:26",c,1,1\n'
        + "4,12/1/2010 8:26,c,one,1\n"
        + "5,12/1/2010 8:26,c,1.5,1\n"
        + "6,12/1/2010 8:26,\0,1,1\n"
        + "7,,c,1,1\n"
        + '8,12/1/2010 8:26,"c"x,1,1\n'
        + "9,12/1/2010 8:26,c,1,1e300\n"
        + sale(10)
    )

    assert (summary.rows, summary.stored, summary.rejected) == (10, 2, 8)
    told = [(reject["line"], str(reject["reason"])) for reject in shop.rejects()]
    assert [line for line, _ in told] == [3, 5, 7, 8, 9, 10, 11, 12]
    for (_, reason), part in zip(
        told,
        ["columns", "not a time", "not a number", "not an integer", "NUL", "missing", "not readable", "too large"],
        strict=True,
    ):
        assert part in reason
    assert shop.rejects()[1]["row"] == '3,"12/1/2010\n8:26",c,1,1'


def test_rejects_are_remembered_and_begun_anew_on_restart(shop: Shop) -> None:
    content = HEADER + sale(1) + "bad,never,c,1,1\n"
    shop.run(content)

    again = shop.run(content)
    anew = shop.run(content, restart=True)

    assert (again.rows, again.rejected, again.rejected_before) == (0, 0, 1)
    assert (anew.rejected, anew.rejected_before) == (1, 0)
    assert len(shop.rejects()) == 1


def test_byte_order_mark_carriage_returns_and_quoted_newlines(shop: Shop) -> None:
    content = (
        b"\xef\xbb\xbf" + (HEADER + '1,12/1/2010 8:26,"Doe,\nJohn",1,1\n' + sale(2)).replace("\n", "\r\n").encode()
    )

    summary = shop.run(content)

    assert (summary.stored, summary.rejected) == (2, 0)
    found = shop.database.read(customers.by_numbers, shop.tenant.number, [1, 2])
    assert {customer.external_id for customer in found.values()} == {"Doe,\r\nJohn", "c2"}


def test_invalid_utf8_and_overlong_lines_spoil_only_their_rows(shop: Shop) -> None:
    long = b"3,12/1/2010 8:26," + b"x" * 1_500_000 + b",1,1\n"
    content = (HEADER + sale(1)).encode() + b"2,12/1/2010 8:26,\xff,1,1\n" + long + sale(4).encode()

    summary = shop.run(content)

    assert (summary.stored, summary.rejected) == (2, 2)
    assert [reject["line"] for reject in shop.rejects()] == [3, 4]


def test_a_gzip_file_and_another_encoding_and_delimiter(shop: Shop) -> None:
    content = (HEADER + "1,12/1/2010 8:26,Zoë,1,1\n").replace(",", ";").encode("latin-1")

    summary = shop.run(gzip.compress(content), 'encoding = "latin-1"\ndelimiter = ";"\n' + MAPPING, name="f.csv.gz")

    assert summary.stored == 1
    assert shop.event("1|12/1/2010 8:26").customer is not None


def test_a_gzip_file_cut_off_keeps_what_came_before_and_says_so(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "BATCH_ROWS", 2500)
    content = gzip.compress((HEADER + "".join(map(sale, range(9000)))).encode(), 1)

    with pytest.raises(EOFError):
        shop.run(content[:-20], name="f.csv.gz")
    summary = shop.run(content, name="f.csv.gz")

    assert summary.resumed_after > 0
    assert summary.resumed_after + summary.rows == 9000


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("no,at,who\n1,2,3\n", "no column 'quantity'; it has: no, at, who"),
        ("no,no,at\n1,2,3\n", "twice: no"),
        ("", "no header"),
        ("\n", "no header"),
    ],
)
def test_a_header_that_does_not_fit_stops_the_import(shop: Shop, content: str, told: str) -> None:
    with pytest.raises(InvalidMapping, match=told):
        shop.run(content)


def test_a_file_with_nothing_but_a_header_is_fine(shop: Shop) -> None:
    assert shop.run(HEADER).rows == 0


NDJSON = """
account_id = "account"
source = { constant = "app" }
[name]
column = "event"
[time]
column = "ts"
format = "epoch_ms"
[customer]
email = "user.email"
mobile = "user.phone"
name = "user.name"
[amount]
column = "total"
negative_for = ["refund"]
[properties]
columns = { "size" = { column = "box.size", type = "decimal" } }
others = "json"
"""


def test_ndjson_keeps_properties_as_they_came(shop: Shop) -> None:
    body = (
        '{"event":"refund","ts":1700000000500,"total":12.30,"account":7,"box":{"size":"1.50"},'
        '"user":{"email":"Ada@Example.com","phone":"+44 20","name":"Ada"},"big":123456789012345678901,"x":[1.0, null]}'
        '\n\n{"event":"sale","ts":1700000000501}\n{"event":{},"ts":1}\nnot json\n[1]\n{"event":"late"}\n'
    )

    summary = shop.run(body, NDJSON, name="f.ndjson")

    assert (summary.rows, summary.stored, summary.rejected) == (6, 2, 4)
    assert [reject["line"] for reject in shop.rejects()] == [4, 5, 6, 7]
    (event,) = shop.all()
    assert (event.amount, event.account_id, event.source) == (-12_300_000, "7", "app")
    assert event.properties == (
        '{"size":1.50,"box":{"size":"1.50"},'
        '"user":{"email":"Ada@Example.com","phone":"+44 20","name":"Ada"},"big":123456789012345678901,"x":[1.0, null]}'
    )
    assert event.customer is not None
    customer = shop.database.read(customers.by_number, shop.tenant.number, event.customer)
    assert customer is not None
    assert (customer.email, customer.mobile, customer.name) == ("ada@example.com", "4420", "Ada")


def test_all_other_columns_become_properties_of_one_type(shop: Shop) -> None:
    mapping = MAPPING.split("[properties.columns]", maxsplit=1)[0] + '[properties]\nothers = "boolean"\n'

    shop.run(HEADER.replace("\n", ",vip,gift\n") + "1,12/1/2010 8:26,c,1,1,yes,\n", mapping)

    assert shop.event("1|12/1/2010 8:26").properties == '{"vip":true}'


def test_the_same_file_in_another_workspace_is_another_import(shop: Shop, capture: Capture) -> None:
    from footfall.storage import workspaces  # noqa: PLC0415
    from footfall.tenancy.creation import create  # noqa: PLC0415

    made = capture.change_now(create, "other", "UTC")
    other = shop.database.read(workspaces.by_name, made.workspace.name)
    assert other is not None
    content = HEADER + sale(1)
    shop.run(content)

    shop.tenant = other
    assert shop.run(content).stored == 1


def test_the_shipped_example_fits_its_columns(shop: Shop) -> None:
    example = Path(__file__).parents[2] / "examples" / "online-retail" / "mapping.toml"
    header = "InvoiceNo,InvoiceDate,CustomerID,Country,Quantity,UnitPrice\n"

    shop.run(
        header + "C1,3/27/2011 1:30,(blank),France,-2,1.2345\nA2,12/1/2010 8:26,9,Spain,1,-5\n", example.read_text()
    )

    cancelled, adjusted = shop.event("C1|3/27/2011 1:30"), shop.event("A2|12/1/2010 8:26")
    assert (cancelled.name, cancelled.amount) == ("RETURN_BILL", -2_469_000)
    assert (adjusted.name, adjusted.amount) == ("ADD_TRANSACTION", -5_000_000)
    assert cancelled.properties == '{"InvoiceNo":"C1","Country":"France","Quantity":-2,"UnitPrice":1.2345}'
