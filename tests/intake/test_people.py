"""Manual merges and splits, from the rule file to the customers and the report."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cxmap.config import load_config
from cxmap.importreport import ImportReport
from cxmap.store import Store

CONFIG = """\
sources:
  c: {profile: generic_contacts, files: c.csv}
identity: {rules: people.yaml}
"""
CONTACTS = """\
contact_id,channel,started_at,email
1,email,2026-05-01T10:00:00Z,ana@example.test
2,voice,2026-05-02T10:00:00Z,
3,email,2026-05-03T10:00:00Z,ben@example.test
4,email,2026-05-04T10:00:00Z,ana@example.test
"""
NOW = datetime(2026, 8, 1, tzinfo=UTC)

Whose = dict[str, str | None]
Ruled = Callable[[str], tuple[Whose, tuple[str, ...]]]


@pytest.fixture
def under(tmp_path: Path, ingesting: Callable[..., ImportReport]) -> Ruled:
    """Return a function that ingests under rules: whose each contact is, and notes."""
    (tmp_path / "c.csv").write_text(CONTACTS, encoding="utf-8")
    (tmp_path / "cxmap.yaml").write_text(CONFIG, encoding="utf-8")

    def ingest(rules: str) -> tuple[Whose, tuple[str, ...]]:
        (tmp_path / "people.yaml").write_text(rules, encoding="utf-8")
        config = load_config(tmp_path / "cxmap.yaml")
        report = ingesting(tmp_path, config, [], now=NOW)
        stored = (
            Store.open(tmp_path / "store").snapshot().derived("contacts", config.hash)
        )
        assert stored is not None
        pairs = stored.select("contact_id", "customer_id")
        return dict(pairs.iter_rows()), report.notes

    return ingest


def test_without_rules_people_are_their_addresses(under: Ruled) -> None:
    whose, notes = under("")

    assert whose["c:1"] == whose["c:4"] != whose["c:3"]
    assert whose["c:2"] is None
    assert notes == ()


def test_a_merge_finds_the_customer_of_a_call_without_a_number(under: Ruled) -> None:
    before, _ = under("")
    whose, notes = under("merge: [[c:1, c:2]]")

    assert whose["c:2"] == whose["c:1"] == before["c:1"]
    assert notes == ()


def test_a_changed_rule_file_is_obeyed_without_new_exports(under: Ruled) -> None:
    merged, _ = under("merge: [[c:1, c:3]]")
    parted, _ = under("apart: [[c:1, c:4]]")
    again, _ = under("merge: [[c:1, c:3]]")

    assert merged["c:1"] == merged["c:3"]
    assert parted["c:1"] is None is parted["c:4"]
    assert again == merged


def test_a_name_that_nothing_answers_to_is_told_and_no_error(under: Ruled) -> None:
    whose, notes = under("merge: [[c:1, c:99]]\ncut: [phone aaaaaaaa]")

    assert whose["c:1"] == whose["c:4"]
    assert notes == (
        "people.yaml: c:99: nothing held is named so",
        "people.yaml: phone aaaaaaaa: nothing held is named so",
    )


CROWD = "contact_id,channel,started_at,email,phone,account_id\n" + "".join(
    f"{n},voice,2026-05-0{n}T10:00:00Z,{n}@home.test,+4930123450{n},F1\n"
    for n in (1, 2, 3)
)


@pytest.mark.parametrize(
    ("identity", "said"),
    [
        (
            "{largest: 1}",
            "identity: addresses that join nobody, since who had them would have more "
            "than 1 identifiers: 6",
        ),
        (
            "{unit: account, account_cap: 2}",
            "identity: accounts that make no unit, since they hold more than 2 people "
            "together: 1",
        ),
    ],
)
def test_whom_a_guard_stopped_is_told(
    tmp_path: Path, ingesting: Callable[..., ImportReport], identity: str, said: str
) -> None:
    (tmp_path / "c.csv").write_text(CROWD, encoding="utf-8")
    (tmp_path / "cxmap.yaml").write_text(
        f"sources: {{c: {{profile: generic_contacts}}}}\nidentity: {identity}\n",
        encoding="utf-8",
    )
    config = load_config(tmp_path / "cxmap.yaml")

    report = ingesting(tmp_path, config, [tmp_path / "c.csv"], now=NOW)

    assert report.notes == (said,)


CASES = """\
contact_id,channel,started_at,email,case_id
1,email,2026-05-01T10:00:00Z,ana@example.test,K1
2,voice,2026-05-02T10:00:00Z,,K1
"""


@pytest.mark.parametrize(("rules", "heirs"), [("", 2), ("apart: [[c:1, c:2]]", 1)])
def test_who_is_kept_apart_inherits_nobody_through_a_case(
    tmp_path: Path, ingesting: Callable[..., ImportReport], rules: str, heirs: int
) -> None:
    (tmp_path / "c.csv").write_text(CASES, encoding="utf-8")
    (tmp_path / "cxmap.yaml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "people.yaml").write_text(rules, encoding="utf-8")
    config = load_config(tmp_path / "cxmap.yaml")

    report = ingesting(tmp_path, config, [], now=NOW)

    snapshot = Store.open(tmp_path / "store").snapshot()
    contacts = snapshot.derived("contacts", config.hash)
    assert contacts is not None
    assert contacts["customer_id"].count() == heirs
    assert report.notes == ()
