"""Time a day's load into a full store, beside the same load with nothing to build on.

    python bench/daily.py [--rows N] [--share 0.05] [--folder DIR]

The latest contacts of `generate.py` are kept back and loaded last, once into a store
that holds the tables of the day before, once more as cron does with -q, where nobody
is told of past figures that change, and once into the same store without those tables:
then everything is derived anew. All end with the same tables.
"""

import argparse
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

import generate
from run import CXMAP, HERE, NOW, Cost, measure

CONFIG = """\
timezone: UTC
sources:
  bench:
    profile: generic_contacts
"""


@dataclass(frozen=True)
class Day:
    """What is loaded, and into which store."""

    place: Path
    held: Path
    late: Path


def prepared(folder: Path, rows: int, share: float) -> Day:
    """Return a store that holds all but the last `share` of the contacts."""
    place = folder / f"{rows}-daily"
    place.mkdir(parents=True, exist_ok=True)
    (place / "cxmap.yaml").write_text(CONFIG)
    day = Day(place, place / "held.csv", place / "late.csv")
    whole = folder / f"{rows}" / "contacts.csv"
    if not whole.exists():
        whole.parent.mkdir(parents=True, exist_ok=True)
        generate.write(rows, whole)
    contacts = pl.read_csv(whole, infer_schema=False).sort("started_at")
    late = round(contacts.height * share)
    contacts.head(-late).write_csv(day.held)
    contacts.tail(late).write_csv(day.late)

    return day


def stages(day: Day) -> list[Cost]:
    """Return what the first load took, and the day's load in each way."""
    store, log = day.place / ".cxmap", day.place / "last.log"
    for old in (store, day.place / "before"):
        shutil.rmtree(old, ignore_errors=True)
    (day.place / "cxmap.key").unlink(missing_ok=True)
    told = ("-c", str(day.place / "cxmap.yaml"), "--now", NOW, "--source", "bench")
    first = measure("first load", (*CXMAP, "ingest", str(day.held), *told), log)
    store.rename(day.place / "before")
    load = (*CXMAP, "ingest", str(day.late), *told)
    costs = [first]
    for stage, command, anew in (
        ("day, renewed", load, False),
        ("day, renewed, -q", (*load, "-q"), False),
        ("day, from scratch", load, True),
    ):
        shutil.rmtree(store, ignore_errors=True)
        shutil.copytree(day.place / "before", store)
        for part in (store / "derived").iterdir() if anew else ():
            part.unlink()
        costs.append(measure(stage, command, log))

    return costs


def show(costs: Sequence[Cost]) -> None:
    """Print the stages, and what renewing saves."""
    print(f"{'stage':<20} {'wall s':>8} {'CPU s':>8} {'peak MB':>8}")
    for cost in costs:
        print(f"{cost.stage:<20} {cost.wall:>8.2f} {cost.cpu:>8.2f} {cost.peak:>8.0f}")
    *_, scratch = costs
    for cost in costs[1:-1]:
        print(
            f"{cost.stage} to from scratch: CPU {cost.cpu / scratch.cpu:.2f}, "
            f"wall {cost.wall / scratch.wall:.2f}"
        )


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    words.add_argument("--rows", type=int, default=1_000_000)
    words.add_argument("--share", type=float, default=0.05)
    words.add_argument("--folder", type=Path, default=HERE / ".data")
    asked = words.parse_args()
    day = prepared(asked.folder, asked.rows, asked.share)
    show(stages(day))


if __name__ == "__main__":
    main()
