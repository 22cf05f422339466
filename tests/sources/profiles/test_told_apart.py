"""Shops, web events, event logs and smaller desks: each is told by its head alone."""

import json
from pathlib import Path
from typing import Any

import pytest

from cxmap.sources.detect import ambiguous, detect
from cxmap.sources.profile import shipped_profiles
from cxmap.sources.read import peek

SAMPLES = {
    "vendor/_headers/shopify_orders_export.csv": ("shopify", "orders_csv"),
    "vendor/shopify/shopify_order_data.csv": ("shopify", "order"),
    "vendor/shopify/shopify_gql_order_data.csv": ("shopify", "gql_order"),
    "vendor/shopify/shopify_order_line_data.csv": ("shopify", "order_line"),
    "vendor/shopify/shopify_gql_order_line_data.csv": ("shopify", "gql_order_line"),
    "vendor/shopify/shopify_transaction_data.csv": ("shopify", "transaction"),
    "vendor/shopify/shopify_gql_transaction_data.csv": ("shopify", "gql_transaction"),
    "vendor/shopify/shopify_fulfillment_data.csv": ("shopify", "fulfillment"),
    "vendor/shopify/shopify_gql_fulfillment_data.csv": ("shopify", "gql_fulfillment"),
    "vendor/shopify/shopify_fulfillment_event_data.csv": (
        "shopify",
        "fulfillment_event",
    ),
    "vendor/shopify/shopify_customer_data.csv": ("shopify", "customer"),
    "vendor/shopify/shopify_gql_customer_data.csv": ("shopify", "customer"),
    "vendor/_headers/stripe_payments_export.csv": ("stripe", "payments_csv"),
    "vendor/stripe/charge_data.csv": ("stripe", "charge"),
    "vendor/stripe/dispute_data.csv": ("stripe", "dispute"),
    "vendor/stripe/customer_data.csv": ("stripe", "customer"),
    "vendor/ga4/event_data.csv": ("ga4", "event_table"),
    "vendor/amplitude/amplitude_event_data.csv": ("amplitude", "event"),
    "vendor/_headers/five9_call_log.csv": ("five9", "calls"),
    "vendor/_headers/aircall_csv_export.csv": ("aircall", "calls"),
    "vendor/_headers/livechat_csv_export.csv": ("livechat", "chats"),
    "vendor/_headers/front_message_export.csv": ("front", "messages"),
    "vendor/_headers/chatwoot_csat_download.csv": ("chatwoot", "csat"),
    "vendor/_headers/osticket_csv_export.csv": ("osticket", "tickets"),
    "vendor/_headers/otrs_znuny_ticketlist.csv": ("otrs", "tickets"),
    "vendor/_headers/zammad_xlsx_columns.csv": ("zammad", "tickets"),
    "real/06_bpic2013_closed.csv": ("event_log", "log"),
    "real/06_bpic2013_closed.xes.gz": ("event_log", "log"),
    "real/receipt.csv": ("event_log", "log"),
    "real/retentioneering_ecom.csv.gz": ("generic_web", "events"),
}

KEYS = {
    "ga4/events": "event_timestamp event_name user_pseudo_id event_params event_date",
    "segment/calls": "messageId type anonymousId userId timestamp context",
    "gorgias/tickets": (
        "id channel from_agent opened_datetime last_received_message_datetime status"
    ),
    "gorgias/surveys": "id ticket_id score scored_datetime sent_datetime customer_id",
    "help_scout/conversations": (
        "id number type status state mailboxId primaryCustomer createdAt"
    ),
    "zoho_desk/tickets": "id ticketNumber statusType status createdTime channel",
    "talkdesk/calls": (
        "call_id type start_at talkdesk_phone_number contact_phone_number"
    ),
}

HEADERS = {
    "generic_customers/rows": "customer_id,email,segment",
    "generic_orders/rows": "order_id,ordered_at,total,currency",
    "generic_events/events": "contact_id,at,event_type,actor_type",
    "event_log/table": "Case ID,Activity,Complete Timestamp,Resource",
    "talkdesk/calls_table": (
        "call_id,type,start_at,talkdesk_phone_number,contact_phone_number"
    ),
}


def told(path: Path) -> tuple[str, str]:
    found = detect(peek(path), shipped_profiles())

    assert not ambiguous(found)
    return found[0].profile, found[0].part


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_told(shared: Any, name: str) -> None:
    assert told(shared(name)) == SAMPLES[name]


@pytest.mark.parametrize("name", KEYS)
def test_an_object_is_told_by_its_keys(tmp_path: Path, name: str) -> None:
    path = tmp_path / "export.json"
    path.write_text(json.dumps(dict.fromkeys(KEYS[name].split(), "1")) + "\n")

    assert "/".join(told(path)) == name


@pytest.mark.parametrize("name", HEADERS)
def test_a_table_is_told_by_its_header(tmp_path: Path, name: str) -> None:
    path = tmp_path / "export.csv"
    cells = ",".join("1" for _ in HEADERS[name].split(","))
    path.write_text(f"{HEADERS[name]}\n{cells}\n")

    assert "/".join(told(path)) == name


@pytest.mark.parametrize(
    "header",
    ["name,email", "id,amount,created", "date,time,duration", "case,opened,closed"],
)
def test_what_nobody_knows_is_told_as_nothing(tmp_path: Path, header: str) -> None:
    path = tmp_path / "export.csv"
    path.write_text(f"{header}\n{','.join('1' for _ in header.split(','))}\n")

    assert detect(peek(path), shipped_profiles()) == []
