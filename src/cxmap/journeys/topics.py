"""One topic tree for all sources: what each export's own reason means."""

from collections.abc import Mapping

import polars as pl

from cxmap.errors import ConfigError

Topics = Mapping[str, Mapping[str, tuple[str, ...]]]
"""Node of the tree → source → the values that mean it there."""


def map_topics(contacts: pl.DataFrame, topics: Topics | None) -> pl.DataFrame:
    """Return `contacts` with `topic`, from `source` and `topic_raw`.

    A value of a source that `topics` speaks of is the node it is listed under, or
    unknown (null). A source that `topics` does not mention keeps its own values,
    trimmed and casefolded; a `/` in them separates levels. Case and outer blanks
    never count. Raises ConfigError if a source's value is listed under two nodes.
    """
    nodes = _nodes(topics or {})
    mapped = {source for source, _ in nodes}
    values = contacts.select("source", "topic_raw").drop_nulls().unique()
    topic = [
        nodes.get((source, _folded(raw))) if source in mapped else _own(raw)
        for source, raw in values.iter_rows()
    ]
    meanings = values.with_columns(topic=pl.Series(topic, dtype=pl.String()))
    return contacts.drop("topic", strict=False).join(
        meanings, on=["source", "topic_raw"], how="left", maintain_order="left"
    )


def unmapped(contacts: pl.DataFrame) -> pl.DataFrame:
    """Return source, topic_raw and contacts: the values without a topic, counted."""
    said = pl.col("topic_raw").str.strip_chars() != ""
    return (
        contacts.filter(said & pl.col("topic").is_null())
        .group_by("source", "topic_raw")
        .agg(contacts=pl.len().cast(pl.Int64()))
        .sort(pl.col("contacts").neg(), "source", "topic_raw")
    )


def _nodes(topics: Topics) -> dict[tuple[str, str], str]:
    nodes: dict[tuple[str, str], str] = {}
    twice: list[str] = []
    for node, sources in topics.items():
        for source, values in sources.items():
            for value in values:
                known = nodes.setdefault((source, _folded(value)), node)
                if known != node:
                    twice.append(f"{known} and {node} (source {source})")
    if twice:
        raise ConfigError(
            f"topics: a value is listed under {', under '.join(sorted(set(twice)))};"
            " list each value of a source under one node"
        )

    return nodes


def _folded(value: str) -> str:
    return value.strip().casefold()


def _own(value: str) -> str | None:
    levels = [level.strip() for level in value.casefold().split("/")]
    return "/".join(level for level in levels if level) or None
