"""The identity audit and a single person, as tables that people and programs read."""

from dataclasses import replace

import polars as pl

from cxmap.customers.audit import Audit
from cxmap.customers.naming import labels
from cxmap.desk.people import Person
from cxmap.views.sheets import Page, Sheet
from cxmap.views.wording import counted

AUDIT = "cxmap.customers/1"
PERSON = "cxmap.person/1"

NAMED = ("kind", "namespace", "pseudonym", "to_pseudonym")
SHORT = {"no_identifier": "nothing", "shared_identifier": "shared"}
"""What people read above the reasons why a customer is not known."""

LIMITED = ("biggest", "bridges", "articulations", "shared")
"""Parts of the audit of which the first rows matter most."""


def audit_page(audit: Audit) -> Page:
    """Return what stands above the audit."""
    whole = audit.coverage.sum()
    known, contacts = (whole[name].item() or 0 for name in ("identified", "contacts"))
    share = f" ({100 * known / contacts:.1f} %)" if contacts else ""

    customers = counted(int(audit.sizes["customers"].sum()), "customer")

    return Page(
        schema=AUDIT,
        heading=f"{customers}; {known:,} of {counted(contacts, 'inbound contact')} "
        f"identified{share}",
        facts={},
        notes=(
            "`cxmap who ID` says why a customer is one person; a name such as `phone "
            "k7f3q2ab` is the kind and the first letters of the pseudonym.",
        ),
    )


def audit_sheets(audit: Audit) -> list[Sheet]:
    """Return the tables of the audit."""
    known = pl.col("identified") / pl.col("contacts")
    return [
        Sheet(
            "coverage",
            "Coverage: whose contacts are known; why not: nothing, shared or flagged "
            "identifiers",
            audit.coverage,
            audit.coverage.with_columns(identified=known).rename(SHORT),
            shares=("identified",),
            spare=("flagged", "shared", "nothing"),
        ),
        Sheet(
            "sizes",
            "Sizes: how many customers have how many identifiers",
            audit.sizes,
            audit.sizes,
        ),
        Sheet(
            "biggest",
            "Biggest: the customers of most identifiers",
            audit.biggest,
            audit.biggest,
            spare=("sources",),
        ),
        Sheet(
            "bridges",
            "Bridges: one record, or one merge, that holds a customer together",
            audit.bridges,
            _bridged(audit.bridges),
            empty="No customer hangs together by one record alone.",
            spare=("to", "far", "near"),
        ),
        Sheet(
            "articulations",
            "Articulations: one identifier that holds a customer together",
            audit.articulations,
            _labelled(audit.articulations),
            empty="No customer hangs together by one identifier alone.",
        ),
        Sheet(
            "shared",
            "Shared: identifiers that join nobody, and the contacts they strand",
            audit.shared,
            _labelled(audit.shared),
            empty="No identifier was cut.",
            spare=("records", "external_ids"),
        ),
        Sheet(
            "lost",
            "Lost: contacts left unknown, by what they hold",
            audit.lost,
            audit.lost,
            empty="No contact is unknown for the sake of a cut identifier.",
        ),
    ]


def person_page(person: Person) -> Page:
    """Return what stands above a person's tables."""
    why, contacts = person.why, person.contacts
    seen = [
        counted(why.identifiers.height, "identifier"),
        counted(why.records.height, "record"),
        counted(contacts.height, "contact"),
        counted(contacts["journey_id"].drop_nulls().n_unique(), "journey"),
    ]
    asked = (f"{person.asked} is this customer today.",) if person.asked else ()
    hanging = sum(rows.filter("bridge").height for rows in (why.edges, why.links))
    firm = (
        "It hangs on none of them alone: whichever record or merge were wrong, no two "
        "contacts would fall away together."
        if not hanging
        else f"It hangs on {counted(hanging, 'bridge')}: were one wrong, the contacts "
        "near it would be somebody else's."
    )

    return Page(
        schema=PERSON,
        heading=f"{person.customer_id}: {', '.join(seen)}",
        facts={
            "customer_id": person.customer_id,
            "asked": person.asked,
            "contacts": contacts.height,
            "journeys": contacts["journey_id"].drop_nulls().n_unique(),
        },
        notes=(*asked, firm),
    )


def person_sheets(person: Person) -> list[Sheet]:
    """Return the tables that say why a customer is one person."""
    why = person.why
    numbered = pl.concat_str("source", pl.lit(":"), "owner_id")
    records = why.records.with_columns(
        contact_id=pl.when(pl.col("owner") == "contact").then(numbered)
    ).join(
        person.contacts.select("contact_id", "channel", "journey_id"),
        on="contact_id",
        how="left",
        maintain_order="left",
    )
    met = records.select("seen_at", "owner", numbered.alias("record"), "channel", "by")

    sheets = [
        Sheet(
            "identifiers",
            "Identifiers: its own",
            why.identifiers,
            _labelled(why.identifiers),
            empty="No identifier is this customer's own.",
            spare=("first_seen_at",),
        ),
        Sheet(
            "records",
            "Records: where they met",
            records,
            met,
            spare=("owner", "channel"),
        ),
        Sheet(
            "edges",
            "Edges: why they are one, by which record holds which identifier",
            why.edges,
            _edged(why.edges),
            spare=("far", "near", "seen_at"),
        ),
        Sheet(
            "links",
            "Links: explicit merges",
            why.links,
            _merged(why.links),
            spare=("far", "near", "seen_at"),
        ),
        Sheet(
            "splits",
            "Splits: identifiers whose loss would split it",
            why.splits,
            _labelled(why.splits),
            empty="No one identifier holds it together.",
        ),
        Sheet(
            "cut",
            "Cut: identifiers it met that join nobody, and why",
            why.cut,
            _labelled(why.cut),
            empty="None of its identifiers was cut.",
            spare=("stranded", "external_ids", "records"),
        ),
        Sheet("rules", "Rules: what the rule file says of it", why.rules, why.rules),
    ]
    whose = pl.lit(person.customer_id).alias("customer_id")

    return [replace(one, rows=one.rows.select(whose, pl.all())) for one in sheets]


def _labelled(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows whose identifier is written as one name."""
    names = [name for name in rows.columns if name not in NAMED]
    whose = ["customer_id"] if "customer_id" in names else []
    rest = [name for name in names if name != "customer_id"]

    return rows.select(*whose, labels().alias("identifier"), *rest)


def _bridged(bridges: pl.DataFrame) -> pl.DataFrame:
    other = labels().alias("to")
    ends = bridges.select("kind", "namespace", pseudonym="to_pseudonym").select(other)
    known = pl.col("owner_id").is_not_null()
    number = pl.concat_str("source", pl.lit(":"), "owner_id")
    record = pl.when(known).then(number).otherwise(pl.col("owner"))

    return bridges.with_columns(ends).select(
        "customer_id",
        labels().alias("identifier"),
        record.alias("record"),
        "to",
        "near",
        "far",
    )


def _edged(edges: pl.DataFrame) -> pl.DataFrame:
    return edges.select(
        pl.concat_str("source", pl.lit(":"), "owner_id").alias("record"),
        labels().alias("identifier"),
        "seen_at",
        "bridge",
        "near",
        "far",
    )


def _merged(links: pl.DataFrame) -> pl.DataFrame:
    ends = links.select("kind", "namespace", pseudonym="to_pseudonym")

    return links.select(
        "source",
        labels().alias("identifier"),
        ends.select(labels().alias("to")).to_series(),
        "seen_at",
        "bridge",
        "near",
        "far",
    )
