"""Time cxmap on a million contacts, stage by stage, beside a bare DuckDB pass.

    python bench/run.py [--rows N] [--folder DIR]

Every stage is a process of its own; wall time, CPU time (user and system, all
threads) and peak memory are what the kernel says of it. Nothing is asserted: times
depend on the machine, so what counts are the ratios of one run.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import generate

HERE = Path(__file__).parent
CXMAP = (str(Path(sys.executable).parent / "cxmap"),)
NOW = "2026-03-01T00:00:00Z"
"""After the last contact, so that every run judges the same."""

CONFIG = """\
timezone: UTC
sources:
  bench:
    profile: generic_contacts
    files: contacts.csv
"""

DUCKDB = """\
import duckdb, sys
duckdb.sql(
    f"COPY (SELECT * FROM read_csv('{sys.argv[1]}', all_varchar=true)) "
    f"TO '{sys.argv[2]}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"
)
"""


@dataclass(frozen=True)
class Cost:
    """What one process took."""

    stage: str
    wall: float
    """Seconds on the clock."""
    cpu: float
    """Seconds of all threads, user and system."""
    peak: float
    """Largest resident memory, in MB."""


def measure(stage: str, command: Sequence[str], log: Path) -> Cost:
    """Run `command`, its output going to `log`, and return what it took.

    A command that fails ends the benchmark with its last words.
    """
    with log.open("wb") as paper:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=paper, stderr=paper)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        words = log.read_text(errors="replace")[-2000:]
        raise SystemExit(f"{stage}: exit {process.returncode}\n{words}")

    return Cost(stage, wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def prepared(folder: Path, rows: int) -> Path:
    """Return the folder that holds `rows` contacts and a config, made if need be."""
    place = folder / f"{rows}"
    place.mkdir(parents=True, exist_ok=True)
    (place / "cxmap.yaml").write_text(CONFIG)
    if not (place / "contacts.csv").exists():
        generate.write(rows, place / "contacts.csv")

    return place


def stages(place: Path) -> list[Cost]:
    """Return the cost of every stage, the store being empty at the start."""
    shutil.rmtree(place / ".cxmap", ignore_errors=True)
    (place / "cxmap.key").unlink(missing_ok=True)
    config = ("-c", str(place / "cxmap.yaml"), "--now", NOW)
    contacts, log = str(place / "contacts.csv"), place / "last.log"
    duckdb = (sys.executable, "-c", DUCKDB, contacts, str(place / "bare.parquet"))
    stitch = (sys.executable, str(HERE / "stitch.py"), str(place / "cxmap.yaml"), NOW)

    return [
        measure("bare DuckDB", duckdb, log),
        measure("cxmap --help", (*CXMAP, "--help"), log),
        measure("cxmap ingest", (*CXMAP, "ingest", *config), log),
        measure("cxmap ingest again", (*CXMAP, "ingest", *config), log),
        measure("derive alone", stitch, log),
        measure("cxmap report", (*CXMAP, "report", *config), log),
    ]


def beside_networkx(place: Path) -> list[str]:
    """Return the lines of `plain.py`, the store being filled."""
    log = place / "plain.log"
    plain = (sys.executable, str(HERE / "plain.py"), str(place / "cxmap.yaml"), NOW)
    measure("beside networkx", plain, log)

    return log.read_text().splitlines()


def show(costs: Sequence[Cost], rows: int) -> None:
    """Print the table of stages and their ratios to the bare pass."""
    bare = costs[0]
    print(f"{rows:,} contacts\n")
    print(f"{'stage':<20} {'wall s':>8} {'CPU s':>8} {'peak MB':>8} {'CPU ratio':>10}")
    for cost in costs:
        print(
            f"{cost.stage:<20} {cost.wall:>8.2f} {cost.cpu:>8.2f} {cost.peak:>8.0f} "
            f"{cost.cpu / bare.cpu:>10.2f}"
        )
    print("\nCPU ratio: to bare DuckDB, CSV as text to Parquet, in the same run.")


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    words.add_argument("--rows", type=int, default=1_000_000)
    words.add_argument("--folder", type=Path, default=HERE / ".data")
    asked = words.parse_args()
    place = prepared(asked.folder, asked.rows)
    show(stages(place), asked.rows)
    print(f"\n{'CPU s':<20} {'cxmap':>8} {'networkx':>8} {'ratio':>8}")
    for line in beside_networkx(place):
        name, ours, theirs, ratio = line.split()
        print(f"{name:<20} {ours:>8} {theirs:>8} {ratio:>8}")


if __name__ == "__main__":
    main()
