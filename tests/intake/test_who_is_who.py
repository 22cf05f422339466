"""Who is who from the exports on: explicit merges, the company's own, accounts."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path

import polars as pl
import pytest

from cxmap.config import load_config
from cxmap.customers.provenance import provenance
from cxmap.importreport import ImportReport
from cxmap.intake.choosing import profiles_of
from cxmap.pipeline import Tables, derive_from, folded_of
from cxmap.sources.fold import Folded
from cxmap.store import Store

NOW = datetime(2026, 8, 1, tzinfo=UTC)
SEGMENT = "sources: {web: {profile: segment}}"
HUBSPOT = "sources: {crm: {profile: hubspot, files: crm-*.csv}}"

Told = tuple[Folded, Tables]
Tell = Callable[[str, Mapping[str, str]], Told]


@pytest.fixture
def tell(tmp_path: Path, ingesting: Callable[..., ImportReport]) -> Tell:
    """Return a function that ingests files one by one under a config."""
    made = iter(range(100))

    def ingest(config: str, files: Mapping[str, str]) -> Told:
        folder = tmp_path / str(next(made))
        folder.mkdir()
        (folder / "cxmap.yaml").write_text(config, encoding="utf-8")
        settings = load_config(folder / "cxmap.yaml")
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
            report = ingesting(folder, settings, [folder / name], now=NOW)
            assert [file.state for file in report.files] == ["loaded"], report.files
        snapshot = Store.open(folder / "store").snapshot()
        folded = folded_of(snapshot, profiles_of(snapshot, settings), settings)
        return folded, derive_from(folded, settings, now=NOW)

    return ingest


def calls(*said: dict[str, str]) -> str:
    """Return Segment's calls, a JSON object a line."""
    lines = [
        {
            "messageId": f"{one.get('type')}-{one.get('userId')}-{place}",
            "timestamp": f"2026-05-{place + 1:02}T10:00:00Z",
            "type": "track",
            "event": "Order Completed",
            **one,
        }
        for place, one in enumerate(said)
    ]
    return "\n".join(json.dumps(line) for line in lines) + "\n"


def people(tables: Tables) -> int:
    return tables["touchpoints"]["customer_id"].drop_nulls().n_unique()


ALIASES = {
    "a.json": calls(
        {"type": "alias", "previousId": "u-1", "userId": "u-2"},
        {"type": "alias", "previousId": "u-2", "userId": "u-3"},
    ),
    "b.json": calls({"userId": "u-1"}),
    "c.json": calls({"userId": "u-9"}, {"userId": "u-3"}),
}


@pytest.mark.parametrize("order", list(permutations(ALIASES)))
def test_a_chain_of_aliases_is_one_person_in_any_order_of_files(
    tell: Tell, order: tuple[str, ...]
) -> None:
    _, tables = tell(SEGMENT, {name: ALIASES[name] for name in order})

    assert people(tables) == 2
    whose = tables["identifiers"].filter(kind="external_id")
    assert whose.height == 4
    assert whose["customer_id"].n_unique() == 2


def test_an_alias_of_a_browser_is_that_browsers_person(tell: Tell) -> None:
    said = calls(
        {"anonymousId": "b-1"},
        {"type": "alias", "previousId": "b-1", "userId": "u-1"},
        {"anonymousId": "b-2", "userId": "u-1"},
        {"anonymousId": "b-3"},
    )

    assert people(tell(SEGMENT, {"a.json": said})[1]) == 2


@pytest.mark.parametrize("nobody", ["null", "undefined", "0", "anonymous", "1.23E+15"])
def test_an_alias_of_nobody_merges_nobody(tell: Tell, nobody: str) -> None:
    said = calls(
        *({"type": "alias", "previousId": nobody, "userId": f"u-{n}"} for n in "123"),
        {"userId": "u-1"},
        {"userId": "u-2"},
    )

    folded, tables = tell(SEGMENT, {"a.json": said})

    assert people(tables) == 3
    assert folded.identity_links.is_empty()


CRM = {
    "crm-contacts.csv": (
        "id,property_email,property_createdate,property_mobilephone\n"
        "1,ana@example.test,2026-01-01T10:00:00Z,\n"
        "2,ana@work.test,2026-01-02T10:00:00Z,\n"
        "3,ben@example.test,2026-01-03T10:00:00Z,\n"
    ),
    "crm-merges.csv": (
        "canonical_vid,vid_to_merge,timestamp\n"
        "7,2,2026-03-01T10:00:00Z\n1,7,2026-03-02T10:00:00Z\n"
    ),
}


@pytest.mark.parametrize("order", list(permutations(CRM)))
def test_an_audit_of_merges_joins_people_whom_only_it_knows(
    tell: Tell, order: tuple[str, ...]
) -> None:
    """2 went into 7, of whom there is no record, and 7 into 1."""
    folded, tables = tell(HUBSPOT, {name: CRM[name] for name in order})

    customers = tables["customers"]
    assert customers["identifiers"].sort().to_list() == [2, 5]
    merged = customers.filter(pl.col("identifiers") == 5)["customer_id"].item()
    why = provenance(
        merged,
        folded.identifiers,
        folded.identity_links,
        tables["identifiers"],
        tables["contacts"],
        rules=load_config(None).identity,
    )
    assert why.links.height == 2
    assert why.links["seen_at"].null_count() == 0


OWN = """\
contact_id,channel,started_at,email,phone
1,email,2026-05-01T10:00:00Z,{0},
2,email,2026-05-02T10:00:00Z,{0},
3,voice,2026-05-03T10:00:00Z,ana@home.test,030 1234567
4,voice,2026-05-04T10:00:00Z,ben@home.test,+49 30 1234567
5,email,2026-05-05T10:00:00Z,ana@home.test,
"""


@pytest.mark.parametrize(
    ("never", "address"),
    [
        ('["@shop.test"]', "Clerk@Shop.test"),
        ("[clerk@shop.test]", "clerk@shop.test"),
        ('["+4930 1234567", "@shop.test"]', "clerk@shop.test"),
    ],
)
def test_the_companys_own_addresses_are_nobodys(
    tell: Tell, never: str, address: str
) -> None:
    source = "sources: {c: {profile: generic_contacts, settings: {region: DE}}}"
    config = f"{source}\nidentity: {{never: {never}}}"

    _, tables = tell(config, {"c.csv": OWN.format(address)})

    whose = tables["contacts"].sort("contact_id")
    assert whose["unidentified"].to_list() == ["flagged", "flagged", None, None, None]
    cut = tables["identifiers"].filter(cut="own_line")["kind"].to_list()
    assert sorted(cut) == ["email", "phone"][: 1 + ("+49" in never)]


def test_without_it_a_clerk_is_a_customer(tell: Tell) -> None:
    source = "sources: {c: {profile: generic_contacts, settings: {region: DE}}}"
    _, tables = tell(source, {"c.csv": OWN.format("clerk@shop.test")})

    assert tables["contacts"]["customer_id"].null_count() == 0


def test_a_changed_list_reads_the_exports_again(
    tmp_path: Path, ingesting: Callable[..., ImportReport]
) -> None:
    (tmp_path / "c.csv").write_text(OWN.format("clerk@shop.test"), encoding="utf-8")
    config = tmp_path / "cxmap.yaml"
    states = []
    for never in ("", "identity: {never: [clerk@shop.test]}") * 2:
        config.write_text(
            f"sources: {{c: {{profile: generic_contacts}}}}\n{never}", encoding="utf-8"
        )
        settings = load_config(config)
        report = ingesting(tmp_path, settings, [tmp_path / "c.csv"], now=NOW)
        states += [file.state for file in report.files]

    assert states == ["loaded", "replaced", "replaced", "replaced"]


@pytest.mark.parametrize("wrong", ["clerk", "@shop", "a b@shop.test", "''"])
def test_what_is_neither_number_nor_address_is_refused(
    tmp_path: Path, wrong: str
) -> None:
    from cxmap.errors import ConfigError

    config = tmp_path / "cxmap.yaml"
    config.write_text(f"identity: {{never: [{json.dumps(wrong)}]}}", encoding="utf-8")

    with pytest.raises(ConfigError, match="write a number such as"):
        load_config(config)


ACCOUNTS = """\
contact_id,channel,started_at,email,account_id,topic
1,email,2026-05-01T10:00:00Z,ana@firm.test,F1,billing
2,voice,2026-05-02T10:00:00Z,ben@firm.test,F1,billing
3,email,2026-05-02T10:00:00Z,eve@home.test,,billing
4,voice,2026-05-03T10:00:00Z,,F1,billing
"""


def test_journeys_of_an_account_are_those_of_all_its_people(tell: Tell) -> None:
    source = "sources: {c: {profile: generic_contacts}}"

    _, alone = tell(source, {"c.csv": ACCOUNTS})
    _, together = tell(f"{source}\nidentity: {{unit: account}}", {"c.csv": ACCOUNTS})

    assert alone["journeys"]["contacts"].sort().to_list() == [1, 1, 1, 1]
    assert together["journeys"]["contacts"].sort().to_list() == [1, 3]
    customers = together["customers"].sort("contacts")
    assert customers["contacts"].to_list() == [1, 3]
    assert [name[:2] for name in customers["customer_id"]] == ["c_", "a_"]
