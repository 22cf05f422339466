"""cxmap's two stitchings beside plain networkx, after checking that they agree.

    python bench/plain.py CONFIG NOW

Prints a line for each: name, seconds of cxmap, seconds of networkx, their ratio.
networkx is given ready pairs and is timed for the graph and its components alone;
cxmap is timed from tables of text. The contacts must be the bench's own: all
inbound, tied by cases, orders and time, without references.
"""

import sys
import time
from collections.abc import Callable, Hashable, Iterator
from datetime import datetime
from itertools import combinations
from pathlib import Path
from typing import TypeVar

import networkx as nx
import polars as pl

import stitch
from cxmap.config import Config, load_config
from cxmap.customers.identify import identify
from cxmap.journeys.links import link
from cxmap.journeys.timeline import ordered, reaches
from cxmap.sources.latest import latest
from cxmap.store import Store
from cxmap.tables import empty

Pair = tuple[Hashable, Hashable]
Result = TypeVar("Result")


def timed(work: Callable[[], Result]) -> tuple[Result, float]:
    """Return what `work` returns, and the CPU seconds it took."""
    began = time.process_time()
    result = work()
    return result, time.process_time() - began


def parts(nodes: list[Hashable], pairs: list[Pair]) -> list[set[Hashable]]:
    """Return the components of the whole graph, by networkx alone."""
    graph = nx.Graph()
    graph.add_nodes_from(nodes)
    graph.add_edges_from(pairs)
    return list(nx.connected_components(graph))


def people(config: Config) -> tuple[float, float]:
    """Return the seconds of `identify` and of the graph of records and values."""
    snapshot = Store.open(config.store).snapshot()
    names = ("contact_records", "identifier_records", "identity_link_records")
    records = latest({n: snapshot.collect(snapshot.records(n)) for n in names})
    held, merges = records["identifier_records"], records["identity_link_records"]
    found, ours = timed(lambda: identify(held, merges, rules=config.identity))

    value = ("kind", "namespace", "pseudonym")
    joining = found.identifiers.filter(pl.col("cut").is_null()).select(value)
    rows = held.join(joining, on=value).select(
        pl.concat_str("owner", "source", "owner_id", separator="|"),
        pl.concat_str(value, separator="|"),
    )
    pairs: list[Pair] = rows.rows()
    components, theirs = timed(lambda: parts([], pairs))
    texts = found.owners.drop_nulls("customer_id").select(
        pl.concat_str("owner", "source", "owner_id", separator="|"), "customer_id"
    )
    mine = dict(texts.iter_rows())
    agree(mine, [part & mine.keys() for part in components])
    return ours, theirs


def needs(config: Config, now: datetime) -> tuple[float, float]:
    """Return the seconds of `link` and of the graph of all links of its contacts."""
    tables = stitch.derived(config, now)
    contacts = ordered(tables["contacts"])
    orders = bought(config)
    nothing = empty("reference_records")
    found, ours = timed(lambda: link(contacts, nothing, orders, links=config.links))

    pairs = list(links(contacts, orders, config))
    nodes: list[Hashable] = list(range(contacts.height))
    components, theirs = timed(lambda: parts(nodes, pairs))
    agree(dict(enumerate(found.journey.to_list())), components)
    return ours, theirs


def bought(config: Config) -> pl.DataFrame:
    """Return the orders of the contacts: contact_id and pseudonym."""
    snapshot = Store.open(config.store).snapshot()
    held = snapshot.collect(snapshot.records("identifier_records"))
    named = held.filter(pl.col("kind") == "order_number", pl.col("flag").is_null())
    return named.select(
        "pseudonym", contact_id=pl.concat_str("source", pl.lit(":"), "owner_id")
    )


def links(
    contacts: pl.DataFrame, orders: pl.DataFrame, config: Config
) -> Iterator[Pair]:
    """Yield every linked pair of contacts, by looking at every pair of a customer."""
    reach = reaches(contacts, config.links)
    order = orders.group_by("contact_id").agg(pl.col("pseudonym").first())
    rows = pl.concat([contacts, reach], how="horizontal").join(
        order, on="contact_id", how="left", maintain_order="left"
    )
    lines: dict[str, list[tuple[int, ...]]] = {}
    start = pl.col("started_at").dt.epoch("s")
    told = rows.with_row_index("at").select(
        "customer_id", "at", start, "topic", "case_id", "pseudonym", *reach.columns
    )
    for customer, *row in told.drop_nulls("customer_id").iter_rows():
        lines.setdefault(customer, []).append(tuple(row))
    for line in lines.values():
        yield from ((i[0], j[0]) for i, j in combinations(line, 2) if linked(i, j))


def linked(i: tuple, j: tuple) -> bool:
    """Tell whether `i` links to the later `j` by any rule."""
    _, _, topic, case, order, same, unknown, retry = i
    _, start, its_topic, its_case, its_order, *_ = j
    untold = topic is None or its_topic is None
    alike = not untold and f"{topic}/".startswith(f"{its_topic}/")
    alike = alike or (not untold and f"{its_topic}/".startswith(f"{topic}/"))
    if case is not None and case == its_case:
        return True
    if order is not None and order == its_order and (untold or alike):
        return True
    if retry is not None and start <= retry:
        return True
    if untold:
        return unknown is not None and start <= unknown

    return alike and same is not None and start <= same


def agree(mine: dict, components: list[set]) -> None:
    """End the benchmark unless `mine` numbers exactly the components."""
    split = any(len({mine[node] for node in part}) != 1 for part in components if part)
    if split or len(set(mine.values())) != sum(map(bool, components)):
        raise SystemExit("cxmap and networkx do not agree")


def main() -> None:
    config, now = load_config(Path(sys.argv[1])), datetime.fromisoformat(sys.argv[2])
    for name, (ours, theirs) in {
        "identify": people(config),
        "link": needs(config, now),
    }.items():
        print(f"{name} {ours:.2f} {theirs:.2f} {ours / theirs:.3f}")


if __name__ == "__main__":
    main()
