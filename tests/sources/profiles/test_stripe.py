"""Stripe: major units with the account's decimals in CSV, minor units in tables."""

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

HEADER = (
    "id,Seller Message,Created (UTC),Amount,Amount Refunded,Currency,Mode,Status,"
    "Customer ID,Customer Email,Captured,Dispute Status,Dispute Date (UTC),"
    "order_id (metadata)"
)
TABLE = (
    "id,amount,amount_refunded,captured,created,currency,customer_id,livemode,status,"
    "receipt_email,_fivetran_synced"
)


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def payment(amount: str, back: str = '"0,00"', **told: str) -> str:
    cells = {
        "currency": "eur",
        "mode": "Live",
        "status": "Paid",
        "captured": "TRUE",
        "dispute": ",",
        **told,
    }
    return (
        f"ch_1,,2025-05-01 14:30,{amount},{back},{cells['currency']},{cells['mode']},"
        f"{cells['status']},cus_1,a@x.org,{cells['captured']},{cells['dispute']},S-7\n"
    )


def export(*rows: str) -> str:
    return HEADER + "\n" + "".join(rows)


@pytest.mark.parametrize(
    ("amount", "currency", "total"),
    [
        ('"0,25"', "eur", 25),
        ("0.25", "eur", 25),
        ('"1.234,50"', "eur", 123450),
        ('"1,234.50"', "usd", 123450),
        ('"1,234"', "usd", 123400),
        ("500", "jpy", 500),
        ("12,5", "eur", None),
    ],
)
def test_amounts_are_read_with_the_accounts_own_decimals(
    map_text: Any, amount: str, currency: str, total: int | None
) -> None:
    if total is None:
        amount, total = f'"{amount}"', 1250
    file = map_text(export(payment(amount, currency=currency)), "stripe")

    assert file.folded.orders["total"].to_list() == [total]
    assert file.rejects() == []


def test_the_sample_holds_one_payment(map_file: Any, shared: Any) -> None:
    path = shared("vendor/_headers/stripe_payments_export.csv")
    (row,) = read(path)
    file = map_file(path, "stripe")
    (told,) = file.folded.orders.select(
        "source_order_id", "total", "refunded", "currency", "ordered_at", "status"
    ).rows()

    assert row["Amount"] == "0,25"
    at = datetime.strptime(row["Created (UTC)"], "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
    assert told == (row["id"], 25, 0, "EUR", at, row["Status"])
    assert file.identifiers("kind") == [("email",), ("source_customer_id",)]


@pytest.mark.parametrize("told", [{"captured": "FALSE"}, {"mode": "Test"}])
def test_money_that_never_moved_is_no_order(
    map_text: Any, told: dict[str, str]
) -> None:
    file = map_text(export(payment("1.00", **told)), "stripe")

    assert file.folded.orders.is_empty()
    assert file.extracted.accounting.filtered == 1


def test_the_shops_own_number_is_named_in_a_setting(map_text: Any) -> None:
    settings = {"order": "order_id (metadata)"}
    file = map_text(export(payment("1.00")), "stripe", settings=settings)

    assert ("order_number",) in file.identifiers("kind")


def test_of_two_exports_the_one_that_knows_more_counts(
    map_text: Any, together: Any
) -> None:
    early = map_text(export(payment("9.00")), "stripe")
    back = map_text(export(payment("9.00", '"4,50"', status="Refunded")), "stripe")
    lost = map_text(
        export(payment("9.00", '"4,50"', dispute="lost,2025-06-01 10:00")), "stripe"
    )
    told = [
        together(*files).orders.select("total", "refunded", "status").rows()
        for files in ((early, back), (back, early), (lost, early, back))
    ]

    assert told == [
        [(900, 450, "Refunded")],
        [(900, 450, "Refunded")],
        [(900, 450, "disputed: lost")],
    ]


def test_the_sample_of_the_warehouse_holds_declined_charges_only(
    map_file: Any, shared: Any
) -> None:
    path = shared("vendor/stripe/charge_data.csv")
    rows = read(path)
    file = map_file(path, "stripe", part="charge")

    assert {row["status"] for row in rows} == {"failed"}
    assert file.folded.orders.is_empty()
    assert file.extracted.accounting.filtered == len(rows)


def test_a_charge_is_in_minor_units_and_its_dispute_says_what_became_of_it(
    map_text: Any, together: Any
) -> None:
    at = "2025-05-01 14:30:00"
    charges = map_text(
        f"{TABLE}\nch_1,1234,34,TRUE,{at},usd,cus_1,TRUE,succeeded,a@x.org,{at}\n"
        f"ch_2,500,0,TRUE,{at},jpy,cus_1,TRUE,succeeded,,{at}\n"
        f"ch_3,500,0,TRUE,{at},usd,cus_1,FALSE,succeeded,,{at}\n",
        "stripe",
        part="charge",
    )
    disputes = map_text(
        f"id,charge_id,status,livemode,_fivetran_synced\ndu_1,ch_1,lost,true,{at}\n",
        "stripe",
        part="dispute",
    )
    for files in ((charges, disputes), (disputes, charges)):
        told = together(*files).orders.sort("source_order_id")

        assert told.select("total", "refunded", "status").rows() == [
            (1234, 34, "disputed: lost"),
            (500, 0, None),
        ]


def test_of_several_disputes_of_one_payment_one_order_remains(
    map_file: Any, shared: Any
) -> None:
    path = shared("vendor/stripe/dispute_data.csv")
    told = map_file(path, "stripe", part="dispute").folded.orders

    assert sorted(told["source_order_id"]) == sorted(
        {row["charge_id"] for row in read(path)}
    )


def test_deleted_customers_are_nobody(map_file: Any, shared: Any) -> None:
    path = shared("vendor/stripe/customer_data.csv")
    kept = [row for row in read(path) if row["is_deleted"] == "FALSE"]
    file = map_file(path, "stripe", part="customer")

    assert file.folded.customers.height == len(kept) == len(read(path)) - 1
    assert file.rejects() == []
