"""Shopify: one row a line item, or an order spread over warehouse tables."""

import csv
import io
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

HEADER = (
    "Name,Email,Financial Status,Paid at,Fulfilled at,Currency,Total,Created at,"
    "Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Billing Phone,"
    "Cancelled at,Refunded Amount,Source,Phone,Shipping Phone"
)
FIRST = {
    "Name": "#1",
    "Email": "ana@example.org",
    "Financial Status": "paid",
    "Paid at": "2025-05-01 10:00:00 +0200",
    "Currency": "EUR",
    "Total": "100.90",
    "Created at": "2025-05-01 09:59:00 +0200",
    "Lineitem quantity": "1",
    "Lineitem name": "Tea",
    "Lineitem price": "62.95",
    "Lineitem sku": "T",
    "Refunded Amount": "0.00",
    "Source": "web",
}
SECOND = {
    "Name": "#1",
    "Email": "ana@example.org",
    "Lineitem quantity": "3",
    "Lineitem name": "Cup",
    "Lineitem price": "12.65",
    "Lineitem sku": "C",
}


def export(*rows: dict[str, str]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, HEADER.split(","), restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def test_the_rows_of_one_order_are_one_order(map_text: Any) -> None:
    file = map_text(export(FIRST, SECOND), "shopify")
    told = file.folded.orders

    assert told.select("source_order_id", "total", "items", "status").rows() == [
        ("#1", 10090, 4, "paid")
    ]
    assert told["ordered_at"].to_list() == [datetime(2025, 5, 1, 7, 59, tzinfo=UTC)]


def test_the_sample_holds_one_order_of_two_lines(map_file: Any, shared: Any) -> None:
    path = shared("vendor/_headers/shopify_orders_export.csv")
    rows = [row for row in read(path) if row["Name"]]
    file = map_file(path, "shopify", now=datetime(2026, 6, 1, tzinfo=UTC))
    told = file.folded.orders

    assert told.height == len({row["Name"] for row in rows}) == 1
    assert told["items"].sum() == sum(int(r["Lineitem quantity"]) for r in rows)
    assert told["total"].sum() == sum(
        int(Decimal(r["Total"]) * 100) for r in rows if r["Total"]
    )
    assert file.rejects() == []


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"Fulfilled at": "2025-05-03 08:00:00 +0200"}, ("paid", 0)),
        ({"Refunded Amount": "20.50", "Financial Status": "refunded"}, ("refunded", 1)),
        ({"Cancelled at": "2025-05-02 08:00:00 +0200"}, ("paid", 2)),
    ],
)
def test_of_two_exports_the_later_state_counts(
    map_text: Any, together: Any, changed: dict[str, str], told: tuple[str, int]
) -> None:
    early = map_text(export(FIRST, SECOND), "shopify")
    late = map_text(export({**FIRST, **changed}, SECOND), "shopify")
    status, place = told
    for files in ((early, late), (late, early)):
        row = together(*files).orders.row(0, named=True)
        known = (
            row["fulfilled_at"] is not None,
            row["refunded"] == 2050,
            row["cancelled_at"] is not None,
        )

        assert together(*files).orders.height == 1
        assert row["items"] == 4
        assert row["status"] == status
        assert [n for n, fact in enumerate(known) if fact] == [place]


def test_a_quote_against_formulas_is_no_part_of_a_number(
    map_text: Any, pseudonym: Any
) -> None:
    told = {"Phone": "'+4930901820", "Shipping Phone": "+4930901821"}
    file = map_text(export({**FIRST, **told}), "shopify")

    assert [p for k, p in file.identifiers("kind", "pseudonym") if k == "phone"] == [
        pseudonym("phone", "+4930901820")
    ]


def test_an_order_is_no_contact(map_text: Any) -> None:
    assert map_text(export(FIRST), "shopify").folded.contacts.is_empty()


@pytest.mark.parametrize(
    ("part", "name", "columns"),
    [
        ("order", "shopify_order_data", ("total_price", "currency")),
        (
            "gql_order",
            "shopify_gql_order_data",
            ("total_price_set_shop_amount", "currency_code"),
        ),
    ],
)
def test_orders_of_the_warehouse(
    map_file: Any, shared: Any, part: str, name: str, columns: tuple[str, str]
) -> None:
    total, currency = columns
    path = shared(f"vendor/shopify/{name}.csv")
    rows = [
        row
        for row in read(path)
        if row["test"] == "FALSE" and row.get("_fivetran_deleted") != "TRUE"
    ]
    file = map_file(path, "shopify", part=part)
    told = file.folded.orders

    assert file.rejects() == []
    assert sorted(told["source_order_id"]) == sorted(row["id"] for row in rows)
    assert told["total"].sum() == sum(int(Decimal(r[total]) * 100) for r in rows)
    assert Counter(told["currency"]) == Counter(r[currency] for r in rows)
    assert file.extracted.accounting.filtered == len(read(path)) - len(rows)


@pytest.mark.parametrize(
    ("part", "name", "amount"),
    [
        ("transaction", "shopify_transaction_data", "amount"),
        ("gql_transaction", "shopify_gql_transaction_data", "amount_set_shop_amount"),
    ],
)
def test_only_money_that_moved_is_paid_or_given_back(
    map_file: Any, shared: Any, part: str, name: str, amount: str
) -> None:
    path = shared(f"vendor/shopify/{name}.csv")
    moved = [r for r in read(path) if r["status"] == "success" and r["test"] == "FALSE"]
    back = [r for r in moved if r["kind"] == "refund"]
    paid = [r for r in moved if r["kind"] in ("sale", "capture")]
    told = map_file(path, "shopify", part=part).folded.orders

    assert told.height == len(back) + len(paid)
    assert told["refunded"].sum() == sum(int(Decimal(r[amount]) * 100) for r in back)
    assert told["paid_at"].count() == len(paid)


@pytest.mark.parametrize(
    ("part", "column", "word"),
    [
        ("fulfillment", "fulfilled_at", "success"),
        ("gql_fulfillment", "fulfilled_at", "SUCCESS"),
        ("fulfillment_event", "delivered_at", "delivered"),
    ],
)
def test_parcels_that_left_or_arrived(
    map_file: Any, shared: Any, part: str, column: str, word: str
) -> None:
    path = shared(f"vendor/shopify/shopify_{part}_data.csv")
    rows = [row for row in read(path) if row["status"] == word]
    told = map_file(path, "shopify", part=part).folded.orders

    assert sorted(told["source_order_id"]) == sorted(r["order_id"] for r in rows)
    assert told[column].null_count() == 0


def test_an_order_meets_its_lines_payments_and_parcels(
    map_text: Any, together: Any
) -> None:
    def table(part: str, header: str, *rows: str) -> Any:
        return map_text("\n".join([header, *rows]) + "\n", "shopify", part=part)

    files = [
        table(
            "order",
            "id,customer_id,email,name,billing_address_phone,order_number,currency,"
            "total_price,created_at,processed_at,updated_at,cancelled_at,test,"
            "financial_status,source_name",
            "7,3,a@x.org,#7,,7,EUR,50.00,2025-05-02 09:00:00,2025-05-01 09:00:00,"
            "2025-05-02 09:00:00,,FALSE,paid,web",
        ),
        table(
            "order_line",
            "id,order_id,quantity,_fivetran_synced",
            "1,7,2,2025-05-02 09:00:00",
            "2,7,1,2025-05-02 09:00:00",
        ),
        table(
            "transaction",
            "id,order_id,amount,kind,status,test,currency,created_at,processed_at",
            "1,7,50.00,sale,success,FALSE,EUR,2025-05-01 09:00:00,2025-05-01 09:01:00",
            "2,7,5.00,refund,success,FALSE,EUR,2025-05-09 09:00:00,2025-05-09 09:00:00",
            "3,7,2.50,refund,success,FALSE,EUR,2025-05-10 09:00:00,2025-05-10 09:00:00",
            "4,7,9.00,refund,failure,FALSE,EUR,2025-05-11 09:00:00,2025-05-11 09:00:00",
        ),
        table(
            "fulfillment",
            "id,order_id,status,created_at,updated_at",
            "1,7,success,2025-05-03 09:00:00,2025-05-03 09:00:00",
        ),
    ]
    for order in (files, files[::-1]):
        (row,) = (
            together(*order)
            .orders.select(
                "source_order_id",
                "items",
                "total",
                "refunded",
                "ordered_at",
                "fulfilled_at",
            )
            .rows()
        )

        assert row == (
            "7",
            3,
            5000,
            750,
            datetime(2025, 5, 1, 9, tzinfo=UTC),
            datetime(2025, 5, 3, 9, tzinfo=UTC),
        )


def test_customers_of_the_warehouse(map_file: Any, shared: Any) -> None:
    for name in ("shopify_customer_data", "shopify_gql_customer_data"):
        path = shared(f"vendor/shopify/{name}.csv")
        rows = read(path)
        file = map_file(path, "shopify", part="customer")

        assert file.rejects() == []
        assert file.folded.customers.height == len({row["id"] for row in rows})
