"""Write N contacts in the generic contacts format: `generate.py N OUT [--seed S]`.

Skewed customers of about 4.2 contacts each, needs that come back, eight channels,
24 topics, one contact in ten without any identifier, a few shared household phones.
"""

import argparse
from pathlib import Path

import numpy as np
import polars as pl

CHANNELS = (
    ("voice", 0.34),
    ("email", 0.22),
    ("chat", 0.12),
    ("web_form", 0.08),
    ("messaging", 0.08),
    ("bot", 0.08),
    ("self_service", 0.05),
    ("in_person", 0.03),
)
TOPICS = tuple(
    f"{area}/{part}"
    for area in ("billing", "contract", "network", "device", "order", "account")
    for part in ("question", "change", "trouble", "complaint")
)
WRITTEN = ("email", "web_form", "messaging")
NAMED = ("email", "web_form", "chat")
CALLING = ("voice", "messaging")
BEGIN = np.datetime64("2025-01-01T00:00:00", "s")
DAYS = 365
DAY = 86_400
PER_CUSTOMER = 4.2
PER_NEED = 1.45
CHUNK = 1_000_000
"""Contacts drawn at once: memory stays flat whatever N is."""


def contacts(rows: int, first: int, customers: int, seed: int) -> pl.DataFrame:
    """Return `rows` contacts numbered from `first`, in the order of their starts."""
    chance = np.random.default_rng([seed, first])
    needs = max(1, int(rows / PER_NEED))
    need = np.sort(chance.integers(0, needs, rows))
    again = np.concatenate([[False], need[1:] == need[:-1]])
    customer = drawn(chance.random(needs), customers, seed)
    begins = chance.integers(0, DAYS * DAY, needs)
    pause = np.where(again, chance.exponential(1.5 * DAY, rows), 0).astype(np.int64)
    started = begins[need] + pause
    names, weights = zip(*CHANNELS, strict=True)
    draft = pl.DataFrame(
        {
            "need": need + first,
            "customer": customer[need],
            "started": started,
            "channel": chance.choice(names, rows, p=weights),
            "topic": np.array(TOPICS)[chance.integers(0, len(TOPICS), needs)[need]],
            **{f"u{n}": chance.random(rows) for n in range(8)},
            "wait": chance.exponential(55, rows).astype(np.int64),
            "talk": chance.exponential(320, rows).astype(np.int64) + 20,
            "reply": chance.exponential(4 * 3600, rows).astype(np.int64) + 60,
        }
    )

    return told(draft.sort("started", "need"), first)


def drawn(shares: np.ndarray, customers: int, seed: int) -> np.ndarray:
    """Return a customer for each share of all needs; how many one has is lognormal."""
    often = np.cumsum(np.random.default_rng(seed).lognormal(0, 0.9, customers))

    return np.searchsorted(often, shares * often[-1])


def told(draft: pl.DataFrame, first: int) -> pl.DataFrame:
    """Return the drawn contacts as the columns of the generic contacts format."""
    channel = pl.col("channel")
    unserved = (channel == "voice") & (pl.col("u0") < 0.07)
    written, bot = channel.is_in(WRITTEN), channel.is_in(["bot", "self_service"])
    known = pl.col("u1") >= 0.10
    someone = pl.col("customer").cast(pl.String)
    line = pl.when(pl.col("u2") < 0.005).then(pl.col("customer") // 2 * 2)
    length = pl.when(unserved).then("wait").otherwise(pl.col("wait") + pl.col("talk"))
    begun = pl.lit(BEGIN).cast(pl.Datetime("us")) + pl.duration(seconds="started")
    number = pl.int_range(pl.len()) + first

    return draft.select(
        source_contact_id=pl.format("C{}", number),
        channel=channel,
        direction=pl.lit("inbound"),
        started_at=_stamp(begun),
        ended_at=pl.when(~written).then(_stamp(begun + pl.duration(seconds=length))),
        topic=pl.when((pl.col("u3") >= 0.08) & ~unserved).then("topic"),
        case_id=pl.when(pl.col("u4") < 0.35).then(pl.format("K{}", "need")),
        disposition=pl.when(unserved)
        .then(pl.lit("abandoned"))
        .when(bot)
        .then(pl.lit("bot_handled"))
        .otherwise(pl.lit("handled")),
        resolved=pl.when(~unserved & (pl.col("u5") < 0.6)).then(pl.lit("true")),
        queue_seconds=pl.when(channel.is_in(["voice", "chat"])).then("wait"),
        first_response_seconds=pl.when(written).then("reply"),
        resolution_seconds=pl.when(written).then(pl.col("reply") * 3),
        transfers=(pl.col("u6") < 0.06).cast(pl.Int64),
        reopens=(written & (pl.col("u6") > 0.95)).cast(pl.Int64),
        agent_id=pl.when(~unserved & ~bot).then(pl.format("a{}", pl.col("talk") % 300)),
        team=pl.format("team {}", pl.col("need") % 12),
        email=pl.when(known & channel.is_in(NAMED)).then(
            pl.format("c{}@mail.test", someone)
        ),
        phone=pl.when(known & channel.is_in(CALLING)).then(
            pl.format("+49154{}", line.otherwise("customer") + 10_000_000)
        ),
        external_id=pl.when(known & (pl.col("u7") < 0.65)).then(
            pl.format("LF-{}", someone)
        ),
        order_number=pl.when(pl.col("u5") > 0.84).then(pl.format("O{}", "need")),
        csat=pl.when(pl.col("u4") > 0.86).then((pl.col("talk") % 5) + 1),
    )


def _stamp(moment: pl.Expr) -> pl.Expr:
    return moment.dt.strftime("%Y-%m-%dT%H:%M:%SZ")


def write(rows: int, out: Path, *, seed: int = 7) -> None:
    """Write `rows` contacts to `out`, at most CHUNK of them in memory."""
    customers = max(1, int(rows / PER_CUSTOMER))
    draft = out.with_suffix(".part")
    with draft.open("wb") as file:
        for first in range(0, rows, CHUNK):
            part = contacts(min(CHUNK, rows - first), first, customers, seed)
            part.write_csv(file, include_header=first == 0)
    draft.replace(out)


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("rows", type=int)
    words.add_argument("out", type=Path)
    words.add_argument("--seed", type=int, default=7)
    asked = words.parse_args()
    write(asked.rows, asked.out, seed=asked.seed)


if __name__ == "__main__":
    main()
