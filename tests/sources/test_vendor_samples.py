"""Every sample of every vendor is read to the last row, or is rightly left alone."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cxmap.cli.main import run
from cxmap.config import load_config
from cxmap.importreport import FileReport
from cxmap.intake.choosing import choose
from cxmap.intake.taking import Limits, take
from cxmap.keys import Key

VENDOR = Path(__file__).parents[2].parent / "shared" / "data" / "vendor"
FOLDERS = sorted(path.name for path in VENDOR.glob("*") if path.is_dir())
SAMPLES = sorted(
    f"{path.parent.name}/{path.name}" for path in VENDOR.glob("*/*") if path.is_file()
)
NOW = datetime(2026, 8, 1, tzinfo=UTC)
KEY = Key(bytes(32))
PLAIN = load_config(None)

pytestmark = pytest.mark.skipif(
    not SAMPLES, reason="the vendors' sample exports are not here"
)

NOT_OURS = {
    "no JSON": {
        "amazon_connect": (
            *("agent_event_1.invalid", "contact_event_2.invalid"),
            *("contact_lens_voice_1.invalid", "contact_lens_voice_2.invalid"),
        ),
    },
    "pieces of a call that is still going on": {
        "amazon_connect": tuple(f"contact_lens_realtime_{n}" for n in (1, 2, 3, 4)),
    },
    "rows that no column joins to who, or when": {
        "hubspot": ("engagement_data",),
        "zendesk": ("ticket_chat_data", "ticket_chat_event_data"),
    },
    "who else took part": {"intercom": ("conversation_contact_history_data",)},
    "meetings and work of our own": {
        "hubspot": ("engagement_meeting_data",),
        "salesforce": ("sf_event_data",),
        "servicenow": (
            *("change_request_data", "change_task_data", "problem_data"),
            *("problem_task_data", "task_sla_data"),
        ),
    },
    "our own people, teams and lines": {
        "hubspot": (
            *("owner_data", "owner_team_data", "team_data", "team_user_data"),
            "users_data",
        ),
        "intercom": ("admin_data", "team_admin_data", "team_data"),
        "jira": ("team", "user_group"),
        "qualtrics": ("user",),
        "salesforce": ("sf_user_data", "sf_user_role_data"),
        "servicenow": (
            *("sys_user_grmember_data", "sys_user_has_role_data"),
            "sys_user_role_data",
        ),
        "twilio": (
            *("twilio_account_history_data", "twilio_address_data"),
            *("twilio_incoming_phone_number_data", "twilio_messaging_service_data"),
            *("twilio_outgoing_caller_id_data", "twilio_usage_record_data"),
        ),
        "unified_rag": ("hubspot_owner",),
    },
    "companies and deals, not people": {
        "hubspot": (
            *("engagement_company_data", "engagement_deal_data", "ticket_deal_data"),
        ),
        "intercom": ("company_history_data", "contact_company_history_data"),
        "salesforce": ("sf_account_data", "sf_account_history_data"),
        "servicenow": ("core_company_data",),
        "unified_rag": (
            *("hubspot_company", "hubspot_deal", "hubspot_engagement_company"),
            "hubspot_engagement_deal",
        ),
        "zendesk": ("domain_name_data", "organization_data"),
    },
    "tags and attributes": {
        "intercom": (
            *("company_tag_history_data", "contact_tag_history_data"),
            *("conversation_tag_history_data", "tag_data"),
        ),
        "shopify": (
            *("shopify_customer_tag_data", "shopify_gql_customer_tag_data"),
            *("shopify_gql_order_custom_attribute_data", "shopify_gql_order_tag_data"),
            *("shopify_gql_order_note_attribute_data", "shopify_order_tag_data"),
            *("shopify_order_note_attribute_data", "shopify_order_url_tag_data"),
        ),
        "zendesk": (
            *("organization_tag_data", "organization_tag_data_snowflake"),
            *("user_tag_data", "user_tag_data_snowflake"),
        ),
    },
    "how the system is set up": {
        "amplitude": ("amplitude_event_type_data",),
        "hubspot": ("ticket_pipeline_data",),
        "intercom": (
            *("article_history_data", "collection_history_data"),
            *("collection_history_data_snowflake", "help_center_history_data"),
        ),
        "jira": (
            *("component", "epic", "field", "field_option", "priority", "project"),
            *("project_board", "project_category", "resolution", "sprint", "status"),
            *("status_category", "version"),
        ),
        "qualtrics": (
            *("block", "block_question", "contact_mailing_list_membership"),
            *("core_mailing_list", "directory", "directory_mailing_list"),
            *("distribution", "question", "question_option", "sub_question", "survey"),
            *("survey_embedded_data", "survey_version"),
        ),
        "servicenow": ("cmdb_ci_data", "cmdb_ci_service_data", "sys_choice_data"),
        "unified_rag": ("jira_priority", "jira_status"),
        "zendesk": (
            *("audit_log_data", "brand_data", "brand_data_postgres"),
            *("daylight_time_data", "schedule_data", "schedule_holiday_data"),
            *("sla_policy_metric_history_data", "ticket_form_history_data"),
            *("ticket_schedule_data", "ticket_sla_policy_data", "time_zone_data"),
        ),
    },
    "books about orders and payments, beside them": {
        "shopify": (
            *("shopify_gql_customer_address_data", "shopify_gql_customer_visit_data"),
            *(
                f"shopify_{kind}order_{what}_data"
                for kind in ("", "gql_")
                for what in (
                    *("adjustment", "discount_code", "line_refund", "shipping_line"),
                    "shipping_tax_line",
                )
            ),
            *("shopify_gql_fulfillment_event_data", "shopify_gql_refund_data"),
            *("shopify_gql_fulfillment_order_line_item_data", "shopify_refund_data"),
            "shopify_gql_fulfillment_tracking_info_data",
            *(
                "shopify_gql_order_line_tax_line_data",
                "shopify_gql_refund_line_item_data",
            ),
        ),
        "stripe": (
            *("invoice_data", "invoice_line_item_data", "payment_intent_data"),
            *("refund_data", "subscription_data", "subscription_discount_data"),
            *("subscription_discount_data_postgres", "subscription_history_data"),
            *("subscription_discount_data_snowflake", "subscription_item_data"),
        ),
    },
}
"""Samples, without suffix, that no profile claims, by folder and by why."""

NOTHING_KEPT = {
    "hubspot/engagement_communication_data.csv": "names no ticket",
    "hubspot/engagement_email_data.csv": "names no ticket",
    "hubspot/engagement_note_data.csv": "names no ticket",
    "hubspot/engagement_task_data.csv": "tasks of our own",
    "hubspot/ticket_property_history_data.csv": "neither stage nor owner changed",
    "jira/issue_field_history.csv": "neither holder nor resolution changed",
    "jira/issue_multiselect_history.csv": "neither holder nor resolution changed",
    "qualtrics/question_response.csv": "which question is the score, settings say",
    "salesforce/sf_task_data.csv": "neither calls nor e-mails",
    "servicenow/task_data.csv": "a change, no incident",
    "servicenow/task_data_snowflake.csv": "a change, no incident",
    "stripe/charge_data.csv": "nothing was paid",
    "unified_rag/hubspot_engagement_email.csv": "names no ticket",
    "unified_rag/hubspot_engagement_note.csv": "names no ticket",
    "zendesk/ticket_tag_data.csv": "no ticket was merged",
    "zendesk_json/ticket_metric_events.ndjson": "no promise was broken",
}
"""Samples with rows of which none says anything of a contact, and why."""

REJECTED = {
    "twilio/twilio_call_data.csv": 1,
    "twilio/twilio_call_data_snowflake.csv": 1,
}
"""Rows that cannot be used: calls on the 30th of February."""

HEADERS = {"qualtrics": (1, 3), "surveymonkey": (2,), "asterisk_cdr": (0, 1)}
"""How many lines a header takes, by profile; of any other one."""


def left_alone() -> Iterator[tuple[str, str]]:
    """Yield folder and stem of every sample that is none of ours."""
    for folders in NOT_OURS.values():
        for folder, stems in folders.items():
            yield from ((folder, stem) for stem in stems)


ALONE = frozenset(left_alone())


def is_ours(sample: str) -> bool:
    folder, name = sample.split("/")
    stem = name.removesuffix(".txt").rpartition(".")[0] or name
    return name != "SOURCES.md" and (folder, stem) not in ALONE


def accounted(sample: str) -> FileReport:
    """The report on one sample, as if nothing had been loaded before."""
    ((chosen,), _) = choose(PLAIN, [str(VENDOR / sample)])
    return take(
        chosen,
        PLAIN,
        key=KEY,
        now=NOW,
        limits=Limits(),
        known=lambda _digest, _source, _mapping: None,
    ).report


def written(path: Path) -> int:
    """How many filled lines of cells a delimited file holds, its header included."""
    text = path.read_text("utf-8", errors="replace")
    return sum(1 for cells in csv.reader(io.StringIO(text, newline="")) if any(cells))


@pytest.mark.parametrize("sample", [s for s in SAMPLES if is_ours(s)])
def test_every_row_of_a_sample_is_accounted_for(sample: str) -> None:
    report = accounted(sample)

    assert report.state == "loaded", report.notes
    assert report.balanced
    assert report.rejected == REJECTED.get(sample, 0)
    assert bool(report.kept) == (report.records > 0 and sample not in NOTHING_KEPT)
    if sample.endswith(".csv"):
        header = written(VENDOR / sample) - report.records + report.blank
        assert header in HEADERS.get(report.profile or "", (1,))


@pytest.mark.parametrize("sample", [s for s in SAMPLES if not is_ours(s)])
def test_a_sample_that_is_none_of_ours_is_left_alone(sample: str) -> None:
    report = accounted(sample)

    assert report.profile is None
    assert report.state in ("unrecognised", "refused")
    assert report.notes


def test_every_sample_that_is_said_to_be_left_alone_is_there() -> None:
    there = {
        (folder, name.removesuffix(".txt").rpartition(".")[0])
        for folder, name in (sample.split("/") for sample in SAMPLES)
    }

    assert set(ALONE) <= there
    assert len(list(left_alone())) == len(ALONE)
    assert set(NOTHING_KEPT) | set(REJECTED) <= {s for s in SAMPLES if is_ours(s)}


@pytest.mark.parametrize("folder", FOLDERS)
def test_what_init_writes_is_ingested_as_it_stands(
    folder: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    ours = {s.split("/")[1] for s in SAMPLES if s.startswith(f"{folder}/")}
    ours = {name for name in ours if is_ours(f"{folder}/{name}")}
    assert ours, "no file of this folder is claimed: leave the folder out"

    assert run(["init", str(VENDOR / folder)]) == 0
    capsys.readouterr()
    assert run(["ingest", "--now", "2026-08-01T00:00:00Z", "-f", "json"]) == 0
    said = capsys.readouterr()

    assert {file for file in ours if f'"{file}"' in said.out} == ours
    assert '"state": "refused"' not in said.out
    assert [path.name for path in tmp_path.glob("*.yaml")] == ["cxmap.yaml"]
