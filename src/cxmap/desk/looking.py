"""Single journeys and topics, looked up in the derived tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import polars as pl

from cxmap.definitions import collect
from cxmap.desk.topics import folded
from cxmap.errors import UsageError
from cxmap.periods import Period
from cxmap.weighing import heaviest

Tables = Mapping[str, pl.DataFrame]
NO_WEIGHTS: Mapping[str, float] = MappingProxyType({})

LISTED = (
    "journey_id",
    "customer_id",
    "started_at",
    "contacts",
    "path",
    "topic",
    "outcome",
    "ladder",
    "duration_seconds",
)


@dataclass(frozen=True)
class Wanted:
    """Which journeys to list; None wants all."""

    friction: str | None = None
    channel: str | None = None
    topic: str | None = None
    customer: str | None = None
    outcome: str | None = None
    ladder: str | None = None
    min_contacts: int = 1
    period: Period | None = None
    min_score: float | None = None
    heaviest_first: bool = False
    """Whether the highest friction score comes first, rather than most contacts."""


@dataclass(frozen=True)
class Told:
    """Rows with what stands above and below them."""

    heading: str
    rows: pl.DataFrame
    notes: tuple[str, ...] = ()


def list_journeys(
    tables: Tables, wanted: Wanted, *, weights: Mapping[str, float] = NO_WEIGHTS
) -> pl.DataFrame:
    """Return the journeys wanted, those of most contacts first.

    How long one took that is a single instant, as a message nobody answered, is not
    known: null. With `weights`, each with its friction score and the three frictions
    that add most to it. Raises UsageError for a friction, a topic or a customer that
    nothing here has, and for a score where nothing has a weight.
    """
    _require(tables, wanted)
    _require_weights(wanted, weights)
    journeys = tables["journeys"].filter(pl.col("contacts") >= wanted.min_contacts)
    for column, value in (
        ("customer_id", wanted.customer),
        ("outcome", wanted.outcome),
        ("ladder", wanted.ladder),
    ):
        if value is not None:
            journeys = journeys.filter(pl.col(column) == value)
    if wanted.topic is not None:
        below = pl.col("topic").str.starts_with(f"{wanted.topic}/")
        journeys = journeys.filter((pl.col("topic") == wanted.topic) | below)
    if wanted.channel is not None:
        on_it = tables["contacts"].filter(pl.col("channel") == wanted.channel)
        journeys = journeys.join(on_it, on="journey_id", how="semi")
    if wanted.friction is not None:
        journeys = journeys.join(
            _points_of(tables, wanted.friction), on="journey_id", how="semi"
        )
    if wanted.period is not None:
        span = wanted.period
        journeys = journeys.filter(
            pl.col("started_at").is_between(span.since, span.until, closed="left")
        )

    if wanted.min_score is not None:
        journeys = journeys.filter(pl.col("friction_score") >= wanted.min_score)
    order = ["contacts", "started_at", "journey_id"]
    if wanted.heaviest_first:
        order = ["friction_score", *order]
    descending = [name != "journey_id" for name in order]
    found = journeys.sort(order, descending=descending, nulls_last=True).with_columns(
        duration_seconds=pl.when(~_instant()).then("duration_seconds")
    )
    if not weights:
        return found.select(LISTED)

    return found.join(
        heaviest(tables["points"], weights),
        on="journey_id",
        how="left",
        maintain_order="left",
    ).select(*LISTED, "friction_score", "top_frictions")


def _instant() -> pl.Expr:
    """Whether nothing is known of a journey but when its one contact began."""
    return ((pl.col("contacts") == 1) & (pl.col("duration_seconds") == 0)).fill_null(
        value=False
    )


def _require_weights(wanted: Wanted, weights: Mapping[str, float]) -> None:
    if not weights and (wanted.heaviest_first or wanted.min_score is not None):
        raise UsageError(
            "no friction score: no friction has a weight in the config; "
            "`cxmap calibrate -f yaml` fits them to your own customers' answers"
        )


def _require(tables: Tables, wanted: Wanted) -> None:
    contacts = tables["contacts"]
    if wanted.topic is not None:
        topic = pl.concat_str("topic", pl.lit("/"))
        below = topic.str.starts_with(f"{wanted.topic}/")
        if not contacts.select(below.any()).item():
            raise UsageError(
                f"--topic {wanted.topic}: no contact has this topic or one below it; "
                "`cxmap topics` lists them"
            )
    if wanted.customer is not None and wanted.customer not in contacts["customer_id"]:
        raise UsageError(
            f"--customer {wanted.customer}: no contact is of this customer; "
            "`cxmap export customers` lists them"
        )


def _points_of(tables: Tables, friction: str) -> pl.DataFrame:
    known = collect("frictions")
    if friction not in known:
        raise UsageError(
            f"--friction {friction}: no such friction; one of {', '.join(known)}"
        )

    return tables["points"].filter(pl.col("friction") == friction)


def one_journey(
    tables: Tables, aliases: pl.DataFrame, journey_id: str, *, urls: Mapping[str, str]
) -> Told | None:
    """Return one journey's contacts in order; None where there is none.

    By its id of today or an older one, or by how only that id begins. Raises
    UsageError where several ids begin so.
    """
    asked = _whole_id(tables, aliases, journey_id)
    current = _successors(aliases, asked) | {asked}
    journeys = tables["journeys"].filter(pl.col("journey_id").is_in(list(current)))
    if journeys.is_empty():
        return None

    hops = tables["links"].select(
        "rule", "gap_seconds", "continuity", contact_id="to_contact_id"
    )
    rubs = (
        tables["points"]
        .sort("contact_id", "friction")
        .group_by("contact_id", maintain_order=True)
        .agg(frictions=pl.col("friction").str.join(", "))
    )
    contacts = (
        tables["contacts"]
        .join(journeys, on="journey_id", how="semi")
        .join(hops, on="contact_id", how="left")
        .join(rubs, on="contact_id", how="left")
        .sort("journey_id", "started_at", "contact_id")
        .select(
            "step",
            "started_at",
            "channel",
            "direction",
            "gap_seconds",
            "rule",
            "continuity",
            "topic",
            "disposition",
            "resolved",
            "team",
            "frictions",
            "contact_id",
            url=link_to(urls),
        )
    )
    first = journeys.row(0, named=True)
    whose = first["customer_id"] or "an unidentified customer"
    notes = [f"superseded id: {asked}"] if asked not in _ids(journeys) else []

    return Told(
        heading=f"{', '.join(_ids(journeys))} of {whose}: {first['outcome']}, "
        f"{first['ladder']}",
        rows=contacts if urls else contacts.drop("url"),
        notes=tuple(notes),
    )


def _whole_id(tables: Tables, aliases: pl.DataFrame, begun: str) -> str:
    """Return the id that begins so: itself where nothing or several things do."""
    older = aliases.filter(pl.col("kind") == "journey")["old_id"]
    ids = pl.concat([tables["journeys"]["journey_id"], older]).unique()
    near = ids.filter(ids.str.starts_with(begun))
    if begun in near or not begun:
        return begun
    if near.len() > 1:
        raise UsageError(
            f"{begun}: {near.len():,} journeys begin so; write more of the id"
        )

    return str(near[0]) if near.len() else begun


def _ids(journeys: pl.DataFrame) -> list[str]:
    return journeys["journey_id"].sort().to_list()


def _successors(aliases: pl.DataFrame, old_id: str) -> set[str]:
    """Return everything an id has become, however often it was superseded."""
    found: set[str] = set()
    waiting = {old_id}
    while waiting:
        became = aliases.filter(
            (pl.col("kind") == "journey") & pl.col("old_id").is_in(list(waiting))
        )["new_id"]
        waiting = set(became) - found
        found |= waiting

    return found


def link_to(urls: Mapping[str, str]) -> pl.Expr:
    """Return each contact's link: its source's `url:` with the number it shows there.

    Reads source and source_contact_id; null where the source has no `url:`.
    """
    link = pl.lit(None, pl.String())
    for source, template in urls.items():
        before, _, after = template.partition("{source_contact_id}")
        here = pl.concat_str(pl.lit(before), "source_contact_id", pl.lit(after))
        link = pl.when(pl.col("source") == source).then(here).otherwise(link)

    return link


def with_links(
    rows: pl.DataFrame, contacts: pl.DataFrame, urls: Mapping[str, str]
) -> pl.DataFrame:
    """Return rows with `url`: the link of their contact, or of a journey's first.

    Without `urls` they stay as they are.
    """
    if not urls:
        return rows
    key = "contact_id" if "contact_id" in rows.columns else "journey_id"
    if key == "journey_id":
        inbound = contacts.filter(pl.col("inbound") & pl.col(key).is_not_null())
        in_order = inbound.sort(key, "started_at", "contact_id")
        contacts = in_order.unique(key, keep="first")
    links = contacts.select(key, url=link_to(urls))

    return rows.join(links, on=key, how="left", maintain_order="left")


def list_topics(contacts: pl.DataFrame, proposed: pl.DataFrame) -> Told:
    """Return each source's values, the topic each means, and how many contacts.

    `proposed` (source, value, proposed, because) is shown where it is another topic.
    The notes hold the tree, each node with the contacts below it.
    """
    inbound = contacts.filter("inbound")
    rows = (
        inbound.group_by("source", "topic_raw", "topic")
        .agg(contacts=pl.len())
        .sort("topic", "source", "topic_raw", nulls_last=True)
        .join(folded(inbound["topic_raw"]), on="topic_raw", how="left")
        .join(proposed, on=["source", "value"], how="left", maintain_order="left")
        .with_columns(
            pl.when(pl.col("proposed").ne_missing(pl.col("topic")))
            .then(pl.col("proposed", "because"))
            .name.keep()
        )
        .select("topic", "source", "contacts", "proposed", "because", value="topic_raw")
        .select("topic", "source", "value", "contacts", "proposed", "because")
    )
    comparable = inbound["topic"].is_not_null().mean()
    share = f"{100 * comparable:.1f} %" if isinstance(comparable, float) else "–"
    silent = rows.filter(pl.col("value").is_null())["contacts"].sum()
    unmapped = rows.filter(pl.col("value").is_not_null() & pl.col("topic").is_null())[
        "contacts"
    ].sum()

    return Told(
        heading="",
        rows=rows,
        notes=(
            f"{share} of inbound contacts have a topic that compares with others",
            f"{silent:,} say nothing; {unmapped:,} say something that topics: does not "
            "map",
            *_tree(inbound["topic"]),
        ),
    )


def _tree(topics: pl.Series) -> list[str]:
    """Return the topic tree, a node a line, where it has more than one level."""
    counts = topics.drop_nulls().value_counts(name="contacts")
    below: dict[str, int] = {}
    for topic, contacts in counts.iter_rows():
        levels = topic.split("/")
        for depth in range(1, len(levels) + 1):
            node = "/".join(levels[:depth])
            below[node] = below.get(node, 0) + contacts
    if all("/" not in node for node in below):
        return []

    return [f"{node}: {below[node]:,}" for node in sorted(below)]
