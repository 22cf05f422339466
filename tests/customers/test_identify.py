"""Who is who: the clauses one by one, on records a few lines long."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from cxmap.customers.identify import Identified, identify
from cxmap.options import IdentityRules
from cxmap.tables import schema

START = datetime(2026, 1, 1, tzinfo=UTC)


def meet(
    *records: str,
    merged: dict[str, str] | None = None,
    rules: IdentityRules | None = None,
    days: tuple[int, ...] = (),
) -> Identified:
    """Identify records such as `email=e1 phone=p1!withheld`; `days` when seen."""
    rows = []
    for number, record in enumerate(records):
        seen = START + timedelta(days=days[number] if days else number)
        for word in record.split():
            kind, value = word.split("=")
            pseudonym, _, flag = value.partition("!")
            space = "s" if kind == "source_customer_id" else ""
            rows.append(
                (
                    "contact",
                    "s",
                    str(number),
                    kind,
                    space,
                    pseudonym,
                    flag or None,
                    seen,
                )
            )
    held = ["owner", "source", "owner_id", "kind", "namespace", "pseudonym", "flag"]
    links = [
        ("external_id", "", one, other, START) for one, other in (merged or {}).items()
    ]
    linked = ["kind", "namespace", "pseudonym", "to_pseudonym", "seen_at"]
    return identify(
        pl.DataFrame(
            rows,
            schema={n: schema("identifier_records")[n] for n in [*held, "seen_at"]},
            orient="row",
        ),
        pl.DataFrame(
            links,
            schema={n: schema("identity_link_records")[n] for n in linked},
            orient="row",
        ),
        rules=rules or IdentityRules(),
    )


def people(found: Identified) -> str:
    """Records by person in order, `0 1 | 2`; unidentified ones are left out."""
    known = found.owners.drop_nulls("customer_id")
    parts = known.sort("owner_id").group_by("customer_id").agg("owner_id")
    return " | ".join(sorted(" ".join(part) for part in parts["owner_id"]))


def test_a_couple_on_one_landline_stays_two_people() -> None:
    couple = ("email=e1 phone=p1", "email=e2 phone=p1", "phone=p1")

    assert people(meet(*couple)) == "0 | 1"
    assert people(meet(*couple, rules=IdentityRules(level="loose"))) == "0 1 2"
    assert people(meet(*couple, rules=IdentityRules(weak_evidence=False))) == "0 1 2"


def test_two_external_ids_are_two_people_even_without_weak_evidence() -> None:
    two = ("external_id=x1 phone=p1", "external_id=x2 phone=p1", "phone=p1")
    found = meet(*two, rules=IdentityRules(weak_evidence=False))

    assert people(found) == "0 | 1"
    assert found.owners["unidentified"].to_list() == [None, None, "shared_identifier"]
    assert people(meet(*two, merged={"x1": "x2"})) == "0 1 2"


def test_own_mobiles_are_evidence_and_one_shared_mobile_is_not() -> None:
    own = (
        "source_customer_id=1 phone=p1 phone=p9",
        "source_customer_id=2 phone=p2 phone=p9",
    )
    half = ("source_customer_id=1 phone=p1 phone=p9", "source_customer_id=2 phone=p9")

    assert people(meet(*own)) == "0 | 1"
    assert people(meet(*half)) == "0 1"


def test_an_email_with_three_external_ids_is_shared_with_two_it_is_not() -> None:
    two = ("external_id=x1 email=e1", "external_id=x2 email=e1", "email=e1")
    three = (*two, "external_id=x3 email=e1")

    assert people(meet(*two)) == "0 1 2"
    assert people(meet(*three)) == "0 | 1 | 3"
    assert meet(*three).identifiers["cut"].to_list() == ["shared_email"] + [None] * 3


def test_external_ids_merged_by_hand_count_once() -> None:
    three = [f"external_id=x{n} email=e1" for n in (1, 2, 3)]

    assert people(meet(*three, "email=e1", merged={"x1": "x2"})) == "0 1 2 3"
    assert people(meet(*three, "email=e1")) == "0 | 1 | 2"


def test_a_phone_of_more_groups_than_its_cap_is_cut() -> None:
    groups = [f"source_customer_id={n} phone=p1" for n in range(5)]

    assert people(meet(*groups[:4])) == "0 1 2 3"
    assert people(meet(*groups)) == "0 | 1 | 2 | 3 | 4"
    assert people(meet(*groups, rules=IdentityRules(level="loose"))).count("|") == 4


def test_calls_with_a_number_alone_are_one_person_however_many() -> None:
    assert people(meet(*["phone=p1"] * 9)) == "0 1 2 3 4 5 6 7 8"


def test_a_number_given_to_someone_new_after_two_years_does_not_join_them() -> None:
    pair = ("source_customer_id=1 phone=p1", "source_customer_id=2 phone=p1")

    assert people(meet(*pair, days=(0, 730))) == "0 1"
    assert people(meet(*pair, days=(0, 731))) == "0 | 1"


@pytest.mark.parametrize("level", ["strict", "normal", "loose"])
def test_a_value_flagged_anywhere_joins_nobody_anywhere(level: str) -> None:
    found = meet(
        "external_id=x1!placeholder",
        "external_id=x1",
        "phone=p1!withheld",
        rules=IdentityRules(level=level),
    )

    assert people(found) == ""
    assert found.owners["unidentified"].to_list() == ["flagged"] * 3
    assert found.identifiers["cut"].to_list() == ["withheld", "placeholder"]
    assert found.customers.is_empty()


def test_accounts_and_orders_join_nobody_and_are_no_identity() -> None:
    found = meet("account_id=a1", "account_id=a1 email=e1", "order_number=o1")

    assert people(found) == "1"
    assert found.owners["unidentified"].to_list() == [
        "no_identifier",
        None,
        "no_identifier",
    ]
    assert found.identifiers["kind"].to_list() == ["email"]


def test_strict_joins_by_keys_alone() -> None:
    found = meet(
        "external_id=x1 email=e1",
        "external_id=x1",
        "email=e1",
        rules=IdentityRules(level="strict"),
    )

    assert people(found) == "0 1"
    assert found.owners["unidentified"].to_list() == [None, None, "no_identifier"]


def test_the_same_number_in_two_systems_is_two_people() -> None:
    found = meet("source_customer_id=42", "external_id=42")

    assert people(found) == "0 | 1"
    assert found.customers["customer_id"].n_unique() == 2


def test_a_customer_is_named_by_what_was_seen_first() -> None:
    before = meet("email=e1", "email=e1 phone=p1")
    after = meet("email=e1", "email=e1 phone=p1", "phone=p1 device=d1")
    names = [found.customers["customer_id"].to_list() for found in (before, after)]

    assert names[0] == names[1]
    assert after.customers.select("identifiers", "sources").rows() == [(3, 1)]


def test_nobody_is_nobody() -> None:
    found = meet()

    assert found.owners.is_empty()
    assert found.customers.is_empty()
    assert found.identifiers.is_empty()


def test_one_person_counts_once_in_every_group() -> None:
    people = meet("email=e1", "email=e1", "email=e1").owners

    counted = people.group_by("source").agg(pl.col("customer_id").n_unique())
    assert counted["customer_id"].to_list() == [1]
