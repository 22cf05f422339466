"""Unidentified contacts take the customer of the case they belong to, or nobody's."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmap.customers.inherit import Inherited, inherit
from cxmap.tables import conform

Rows = list[tuple[str, str | None, str | None]]


def given_contacts(rows: Rows, told: list[tuple[str, str]]) -> Inherited:
    """`rows` are number, customer and case; `told` who refers to which number."""
    contacts = pl.DataFrame(
        [
            {
                "contact_id": f"a:{number}",
                "customer_id": customer,
                "unidentified": None if customer else "no_identifier",
                "case_id": case,
            }
            for number, customer, case in rows
        ],
        schema=dict.fromkeys(
            ["contact_id", "customer_id", "unidentified", "case_id"], pl.String()
        ),
    )
    references = pl.DataFrame(
        [
            {
                "source": "a",
                "source_contact_id": origin,
                "kind": "follow_up_of",
                "to_source": "a",
                "to_id": to,
            }
            for origin, to in told
        ],
        schema=dict.fromkeys(
            ["source", "source_contact_id", "kind", "to_source", "to_id"], pl.String()
        ),
    )
    return inherit(contacts, conform(references, "reference_records"))


def customers(found: Inherited) -> list[str | None]:
    return found.contacts["customer_id"].to_list()


def test_a_reference_to_one_known_customer_is_inherited_along_the_chain() -> None:
    rows: Rows = [("1", "ana", None), ("2", None, None), ("3", None, None)]

    found = given_contacts(rows, [("2", "1"), ("3", "2")])

    assert customers(found) == ["ana"] * 3
    assert found.contacts["unidentified"].to_list() == [None] * 3
    assert found.conflicts.is_empty()


def test_a_case_is_inherited_in_both_directions() -> None:
    rows: Rows = [("1", None, "a:42"), ("2", "ana", "a:42"), ("3", None, "a:43")]

    assert customers(given_contacts(rows, [])) == ["ana", "ana", None]
    assert customers(given_contacts(rows, [("2", "3")])) == ["ana"] * 3


def test_between_two_customers_nobody_inherits_and_the_dispute_is_listed() -> None:
    rows: Rows = [("1", "ana", None), ("2", None, None), ("3", "ben", None)]

    found = given_contacts(rows, [("2", "1"), ("2", "3")])

    assert customers(found) == ["ana", None, "ben"]
    assert found.contacts["unidentified"].to_list() == [None, "no_identifier", None]
    assert found.conflicts.rows() == [
        ("a:1", "ana", "a:1"),
        ("a:2", None, "a:1"),
        ("a:2", None, "a:3"),
        ("a:3", "ben", "a:3"),
    ]


def test_two_customers_in_one_case_stay_two_and_are_listed() -> None:
    rows: Rows = [("1", "ana", "a:42"), ("2", "ben", "a:42")]

    found = given_contacts(rows, [])

    assert customers(found) == ["ana", "ben"]
    assert found.conflicts["customer_id"].to_list() == ["ana", "ben"]


def test_a_known_contact_ties_no_two_cases_together() -> None:
    rows: Rows = [("1", "ana", "a:42"), ("2", None, "a:42"), ("3", "ben", None)]

    assert customers(given_contacts(rows, [("1", "3")])) == ["ana", "ana", "ben"]


def test_numbers_nobody_holds_and_strangers_among_themselves_change_nothing() -> None:
    rows: Rows = [("1", None, None), ("2", None, None), ("3", "ana", None)]

    found = given_contacts(rows, [("1", "99"), ("2", "1")])

    assert customers(found) == [None, None, "ana"]


PEOPLE = st.sampled_from([None, None, None, "ana", "ben"])
CASES = st.sampled_from([None, None, "a:c1", "a:c2"])


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(PEOPLE, CASES), max_size=10),
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 11)), max_size=8),
)
def test_heirs_are_found_by_walking_from_stranger_to_stranger(
    people: list[tuple[str | None, str | None]], arrows: list[tuple[int, int]]
) -> None:
    rows = [(str(n), who, case) for n, (who, case) in enumerate(people)]
    told = [(str(a), str(b)) for a, b in arrows if a < len(rows)]
    groups = {n: {case} if case else set() for n, _, case in rows}
    for origin, to in told:
        groups[origin].add(f"a:{to}")
    named = {group for of in groups.values() for group in of}
    for n in groups:
        groups[n] |= {f"a:{n}"} & named
    who = {n: customer for n, customer, _ in rows}

    expected = []
    for n, customer, _ in rows:
        seen, waiting, owners = set(), [n], set()
        while waiting:
            at = waiting.pop()
            if at in seen:
                continue
            seen.add(at)
            if who[at] is not None:
                owners.add(who[at])
            else:
                waiting += [m for m in groups if groups[m] & groups[at]]
        heir = owners.pop() if len(owners) == 1 else None
        expected.append(customer or heir)

    assert customers(given_contacts(rows, told)) == expected
