"""Detection: our samples are told apart, other vendors' are left alone."""

from pathlib import Path
from typing import Any

import pytest

from cxmap.errors import ExportError
from cxmap.sources.detect import Detection, ambiguous, detect
from cxmap.sources.profile import load_profile, shipped_profiles
from cxmap.sources.read import peek

OURS = {
    "vendor/_headers/zendesk_csv_export.csv": ("zendesk_csv", "rows"),
    "vendor/zendesk_json/tickets.ndjson": ("zendesk_tickets", "tickets"),
    "vendor/zendesk_json/ticket_metrics.ndjson": ("zendesk_tickets", "ticket_metrics"),
    "vendor/amazon_connect/ctr_redelivered.ndjson": (
        "amazon_connect",
        "contact_records",
    ),
    "vendor/genesys_cloud/conversation_details_query_response.json": (
        "genesys_cloud",
        "conversations",
    ),
    "vendor/twilio/twilio_call_data.csv": ("twilio", "call_table"),
    "vendor/twilio/twilio_call_data_snowflake.csv": ("twilio", "call_table"),
    "vendor/twilio/twilio_message_data.csv": ("twilio", "message_table"),
    "vendor/twilio/twilio_message_data_snowflake.csv": ("twilio", "message_table"),
    "vendor/_headers/intercom_csv_export.csv": ("intercom", "report"),
    "vendor/intercom/conversation_history_data.csv": (
        "intercom",
        "conversation_history",
    ),
    "vendor/intercom/conversation_part_history_data.csv": ("intercom", "part_history"),
    "vendor/intercom/contact_history_data.csv": ("intercom", "contact_history"),
    "vendor/amazon_connect/contact_event_1.json": ("amazon_connect", "contact_events"),
    "vendor/amazon_connect/contact_lens_chat_1.json": (
        "amazon_connect",
        "contact_lens",
    ),
    "vendor/asterisk/queue_log": ("asterisk_queue_log", "rows"),
    "vendor/_headers/servicenow_incident_event_log.csv": ("servicenow", "incidents"),
    "vendor/_headers/jira_csv_export.csv": ("jira", "requests"),
    "vendor/asterisk/Master.csv": ("asterisk_cdr", "master"),
    "vendor/asterisk/cdr_spec_examples.csv": ("asterisk_cdr", "table"),
    "vendor/_headers/qualtrics_csv_export.csv": ("qualtrics", "responses"),
    "vendor/_headers/surveymonkey_csv_export.csv": ("surveymonkey", "rows"),
    "nasty/01_utf8_bom.csv": ("generic_contacts", "rows"),
    "nasty/02_utf16le_tab.txt": ("generic_contacts", "rows"),
}
VENDOR = Path(__file__).parents[2].parent / "shared" / "data" / "vendor"
FOLDERS = sorted(path.name for path in VENDOR.glob("*") if path.is_dir())


def system_of(path: Path) -> str:
    """Return whose export a sample is, by where it lies."""
    mixed = path.parent.name in ("_headers", "unified_rag")
    words = (path.name if mixed else path.parent.name).split("_")
    known = {profile.system for profile in shipped_profiles().values()}
    named = ["_".join(words[:upto]).split(".")[0] for upto in (3, 2, 1)]

    return next((name for name in named if name in known), named[-1])


@pytest.mark.parametrize("name", OURS)
def test_a_sample_is_told_by_its_head(shared: Any, name: str) -> None:
    found = detect(peek(shared(name)), shipped_profiles())

    assert (found[0].profile, found[0].part) == OURS[name]
    assert not ambiguous(found)


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_sample_is_taken_for_another_systems(shared: Any, folder: str) -> None:
    profiles = shipped_profiles()
    for path in sorted(shared(f"vendor/{folder}").iterdir()):
        if path.suffix == ".md":
            continue
        try:
            found = detect(peek(path), profiles)
        except ExportError:
            continue
        if found:
            assert profiles[found[0].profile].system == system_of(path), path.name
            assert not ambiguous(found), path.name


def test_users_and_groups_are_parts_of_their_own(tmp_path: Path) -> None:
    users = (
        '{"users": [{"id": 1, "role": "end-user", "email": "a@x.org", "locale_id": 1, '
    )
    users += '"organization_id": null}], "next_page": null}'
    groups = '{"id": 1, "url": "u", "name": "n", "default": true, "deleted": false}\n'
    for text, part in ((users, "users"), (groups, "groups")):
        path = tmp_path / part
        path.write_text(text, encoding="utf-8")
        [found] = detect(peek(path), shipped_profiles())

        assert (found.profile, found.part) == ("zendesk_tickets", part)


def test_answers_are_told_from_contacts(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    path.write_text("survey_id,score,responded_at\n1,5,2025-03-01\n", encoding="utf-8")

    assert [d.profile for d in detect(peek(path), shipped_profiles())] == [
        "generic_survey"
    ]


def test_one_of_ones_own_beside_the_shipped(shared: Any) -> None:
    own = Path(__file__).parents[2] / "configs/sources/boston311.yaml"
    profiles = {**shipped_profiles(), "boston311": load_profile(own)}
    head = peek(shared("real/boston311_animal_2013_2014.csv"))

    assert [d.profile for d in detect(head, profiles)] == ["boston311"]


def test_two_that_fit_equally_are_ambiguous(shared: Any) -> None:
    connect = shipped_profiles()["amazon_connect"]
    head = peek(shared("vendor/amazon_connect/ctr_redelivered.ndjson"))
    found = detect(head, {"one": connect, "two": connect})

    assert [d.profile for d in found] == ["one", "two"]
    assert ambiguous(found)
    assert not ambiguous([])
    assert not ambiguous([Detection("p", "rows", 0.9, ""), found[0]])
