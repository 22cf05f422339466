"""Contacts drawn in a test's docstring, stitched."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from cxmap import tables
from cxmap.journeys.hops import Pairs
from cxmap.journeys.stitch import Stitched, stitch
from cxmap.names import CHANNEL_GROUPS
from cxmap.options import LinkRules, RepeatRule

NOW = datetime(2026, 12, 31, tzinfo=UTC)


@dataclass(frozen=True)
class Story:
    """What became of the contacts c1, c2 … of the drawing."""

    stitched: Stitched

    @property
    def journeys(self) -> list[str]:
        """The contacts of each journey, `c1 c2`."""
        placed = self.stitched.contacts.drop_nulls("journey_id").sort("step")
        members = placed.group_by("journey_id").agg("source_contact_id")
        return sorted(" ".join(part) for part in members["source_contact_id"])

    def hops(self, *columns: str) -> list[tuple[Any, ...]]:
        """Some columns of the hops, in order."""
        return self.stitched.links.select(columns).rows()

    def of(self, column: str) -> list[Any]:
        """One column of the contacts, c1 first."""
        contacts = self.stitched.contacts.sort("source_contact_id")
        return contacts[column].to_list()

    def journey(self, *columns: str) -> list[tuple[Any, ...]]:
        """Some columns of the journeys, in order."""
        return self.stitched.journeys.select(columns).rows()


def contacts_of(drawing: pl.DataFrame) -> pl.DataFrame:
    """Complete a drawing: an inbound call of source `a` unless it says otherwise."""
    group = pl.col("channel").replace_strict(CHANNEL_GROUPS)
    filled = drawing.with_columns(
        pl.col("source").fill_null("a"),
        pl.col("channel").fill_null("voice"),
        pl.col("direction").fill_null("inbound"),
        source_contact_id="contact_id",
        last_touch_at=pl.coalesce("last_touch_at", "ended_at", "started_at"),
    )
    return filled.with_columns(
        channel_group=group,
        inbound=pl.col("direction").is_in(["inbound", "unknown"]),
        contact_id=pl.concat_str("source", pl.lit(":"), "contact_id"),
    )


@pytest.fixture
def contacts(drawn: Callable[[str], pl.DataFrame]) -> pl.DataFrame:
    return contacts_of(drawn("contacts"))


@pytest.fixture
def story(contacts: pl.DataFrame) -> Callable[..., Story]:
    """Return a function that stitches the drawing of the test's docstring."""

    def tell(
        *told: str,
        orders: dict[str, str] | None = None,
        links: LinkRules | None = None,
        repeat: RepeatRule | None = None,
        horizon: datetime | None = NOW,
        provable: Pairs | None = None,
        surveys: pl.DataFrame | None = None,
    ) -> Story:
        """`told` are references, `c2 follow_up_of a:c1`; `orders` contact → order."""
        words = [sentence.split() for sentence in told]
        references = pl.DataFrame(
            {
                "source": ["a" for _ in words],
                "source_contact_id": [origin for origin, _, _ in words],
                "kind": [kind for _, kind, _ in words],
                "to_source": [to.split(":")[0] for _, _, to in words],
                "to_id": [to.split(":")[1] for _, _, to in words],
            }
        )
        bought = {f"a:{contact}": order for contact, order in (orders or {}).items()}
        return Story(
            stitch(
                contacts,
                tables.conform(references, "reference_records"),
                pl.DataFrame(
                    {
                        "contact_id": list(bought),
                        "pseudonym": list(bought.values()),
                    },
                    schema={"contact_id": pl.String(), "pseudonym": pl.String()},
                ),
                links=links or LinkRules(),
                repeat=repeat or RepeatRule(),
                horizon_at=horizon,
                now=NOW,
                provable=provable,
                surveys=surveys,
            )
        )

    return tell
