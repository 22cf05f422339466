"""Survey answers, put together from all parts of an export that tell of them."""

import polars as pl

from cxmap.tables import RECORD

NUMBER = ["source", "source_survey_id"]


def answers(records: pl.DataFrame) -> pl.DataFrame:
    """Return survey_records with survey_id, one row an answer that parts tell of.

    An invitation, who answered and what may lie in three tables: rows of different
    parts with one number are one answer, of which each part says what it knows; of
    two that know the same the later version counts. Answers of one part stay apart.
    """
    named = records.with_columns(
        survey_id=pl.concat_str("source", pl.lit(":"), "source_survey_id")
    )
    parts = named.group_by(NUMBER).agg(parts=pl.col("part").n_unique())
    several = parts.filter(pl.col("parts") > 1)
    if several.is_empty():
        return named

    split = named.join(several, on=NUMBER, how="semi")
    said = [c for c in named.columns if c not in (*RECORD, *NUMBER, "survey_id")]
    whole = (
        split.sort(*NUMBER, "version_at", "version_no", "part", "record_key", "content")
        .group_by(NUMBER, maintain_order=True)
        .agg(
            pl.col([*(c for c in RECORD if c != "source"), "survey_id"]).last(),
            pl.col(said).drop_nulls().last(),
        )
    )

    return pl.concat(
        [named.join(several, on=NUMBER, how="anti"), whole.select(named.columns)]
    )
