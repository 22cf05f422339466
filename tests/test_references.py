"""Which references tie contacts together, and which only say that they resemble."""

import polars as pl
import pytest

from cxmap.names import REFERENCES
from cxmap.references import memberships
from cxmap.tables import conform

CONTACTS = pl.DataFrame(
    {"contact_id": ["z:1", "z:2", "z:3"], "case_id": [None, None, None]},
    schema={"contact_id": pl.String, "case_id": pl.String},
)


def tied(kind: str) -> bool:
    """Whether two contacts that name the same number with this word are one group."""
    named = pl.DataFrame(
        {
            "source": ["z", "z"],
            "source_contact_id": ["1", "2"],
            "kind": [kind, kind],
            "to_id": ["7", "7"],
        }
    )
    return memberships(CONTACTS, conform(named, "reference_records")).height == 2


@pytest.mark.parametrize("kind", [k for k in REFERENCES if k != "related_to"])
def test_contacts_that_name_the_same_number_belong_together(kind: str) -> None:
    assert tied(kind)


def test_contacts_with_the_same_problem_stay_those_of_different_people() -> None:
    assert not tied("related_to")
