"""Customers and orders of any system under cxmap's own names."""

from typing import Any

import pytest

from cxmap.errors import ExportError

CUSTOMERS = "customer_id,external_id,email,phone,segment,customer_since,updated_at\n"
ORDERS = "order_id,line_id,ordered_at,currency,total,refunded,items,email,updated_at\n"


def test_a_customer_is_who_the_number_says(map_text: Any, pseudonym: Any) -> None:
    file = map_text(
        CUSTOMERS + "1,C-1,a@x.org,+4930901820,gold,2020-01-01,2025-01-01T00:00:00Z\n"
        ",C-2,b@x.org,,,,\n",
        "generic_customers",
    )
    told = file.folded.customers

    assert told["source_customer_id"].to_list() == [
        pseudonym("source_customer_id", "1")
    ]
    assert told["segment"].to_list() == ["gold"]
    assert file.rejects() == [(3, "customer_id", "missing_key", True)]
    assert file.identifiers("kind", "namespace") == [
        ("email", ""),
        ("external_id", ""),
        ("phone", ""),
        ("source_customer_id", "src"),
    ]


def test_the_later_state_of_a_customer_counts(map_text: Any, together: Any) -> None:
    early = map_text(
        CUSTOMERS + "1,,a@x.org,,silver,,2025-01-01T00:00:00Z\n", "generic_customers"
    )
    late = map_text(
        CUSTOMERS + "1,,b@x.org,,gold,,2025-02-01T00:00:00Z\n", "generic_customers"
    )
    for files in ((early, late), (late, early)):
        folded = together(*files)

        assert folded.customers["segment"].to_list() == ["gold"]
        assert folded.identifiers.filter(kind="email").height == 1


def test_lines_of_an_order_add_up(map_text: Any) -> None:
    file = map_text(
        ORDERS + "7,1,2025-03-01T09:00:00Z,EUR,30.00,,2,a@x.org,\n"
        "7,2,2025-03-01T09:00:00Z,EUR,30.00,5.50,1,a@x.org,\n"
        "8,1,2025-03-02T09:00:00Z,JPY,500,,1,,\n",
        "generic_orders",
    )
    told = file.folded.orders.sort("source_order_id")

    assert told.select("source_order_id", "total", "refunded", "items").rows() == [
        ("7", 3000, 550, 3),
        ("8", 500, None, 1),
    ]


@pytest.mark.parametrize("amount", ["12,50", "12.50 EUR", "ten"])
def test_an_amount_that_cannot_be_read_is_said(map_text: Any, amount: str) -> None:
    file = map_text(
        ORDERS + f'7,1,2025-03-01T09:00:00Z,EUR,"{amount}",,1,,\n', "generic_orders"
    )

    assert file.folded.orders["total"].to_list() == [None]
    assert file.rejects() == [(2, "total", "bad_number", False)]


def test_an_order_without_a_number_is_rejected(map_text: Any) -> None:
    file = map_text(ORDERS + ",,2025-03-01T09:00:00Z,EUR,1,,1,,\n", "generic_orders")

    assert [(r, c) for r, _, c, _ in file.rejects()] == [(2, "missing_key")]


@pytest.mark.parametrize("profile", ["generic_customers", "generic_orders"])
def test_a_file_of_something_else_is_refused(map_text: Any, profile: str) -> None:
    with pytest.raises(ExportError, match="no column"):
        map_text("name,colour\nx,red\n", profile)
