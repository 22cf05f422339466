"""Hold cxmap against the truth of made-up worlds.

    python bench/truth.py [--seeds 1,2,3] [--levels easy,middle,hard] [--people N]
                          [--setting 'links: {unknown_topic: {to: all}}']

For every seed and level a demo world is written, its exports are ingested as a user
would ingest them, and what cxmap made of them is compared with who and what was
truly behind every contact. `docs/demo-world.md` explains worlds and levels. A setting
is added to every world's configuration: the same figures with and without it.
"""

import argparse
import tempfile
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cxmap.config import load_config
from cxmap.demo.difficulty import LEVELS
from cxmap.demo.world import write_world
from judging import chosen
from reasons import why_apart, why_cut, why_joined, why_mixed
from worlds import Figures, Marked, frictions, identity, journeys, look_at

Table = Sequence[Sequence[str]]


@dataclass
class Level:
    """What was measured at one level, world by world."""

    identity: list[Figures] = field(default_factory=list)
    journeys: list[Figures] = field(default_factory=list)
    frictions: dict[str, Marked] = field(default_factory=dict)
    apart: Counter[str] = field(default_factory=Counter)
    mixed: Counter[str] = field(default_factory=Counter)
    cut: Counter[str] = field(default_factory=Counter)
    joined: Counter[str] = field(default_factory=Counter)

    def take(self, world: str, folder: Path, asked: "Asked", seed: int) -> None:
        """Measure one more world, written into `folder`."""
        level, _, _ = world.partition(" ")
        written = write_world(folder, seed=seed, people=asked.people, difficulty=level)
        with written.config.open("a", encoding="utf-8") as config:
            config.write(f"\n{asked.setting}\n")
        found = look_at(folder, folder, load_config(written.config), written.now)
        self.identity.append(identity(found))
        self.journeys.append(journeys(found))
        for name, marked in frictions(found, world).items():
            earlier = self.frictions.get(name)
            self.frictions[name] = earlier + marked if earlier else marked
        self.apart += why_apart(found)
        self.mixed += why_mixed(found)
        self.cut += why_cut(found.tables["contacts"], found.truth)
        self.joined += why_joined(found.tables["contacts"], found.truth)


@dataclass(frozen=True)
class Asked:
    """Which worlds are measured, under which setting."""

    seeds: tuple[int, ...]
    levels: tuple[str, ...]
    people: int
    setting: str


def measured(asked: Asked) -> dict[str, Level]:
    """Return what was found at each level, over worlds of all seeds."""
    found: dict[str, Level] = defaultdict(Level)
    for level in asked.levels:
        for seed in asked.seeds:
            with tempfile.TemporaryDirectory(prefix="cxmap-") as folder:
                found[level].take(f"{level} {seed}", Path(folder), asked, seed)

    return found


def mean(rows: Sequence[Figures], name: str) -> str:
    """Return the mean over worlds, and in brackets the least and the greatest."""
    values = [value for row in rows if (value := row[name]) is not None]
    if not values:
        return "–"
    middle = f"{sum(values) / len(values):.3f}"

    return f"{middle} ({min(values):.3f}–{max(values):.3f})" if values[1:] else middle


def figures(found: dict[str, Level], room: str) -> Table:
    rows: dict[str, list[Figures]] = {one: getattr(found[one], room) for one in found}
    names = list(next(iter(rows.values()))[0])

    return [[name, *(mean(rows[level], name) for level in found)] for name in names]


def points(found: dict[str, Level]) -> Table:
    """Return each friction's precision / recall (points / true ones), by level."""
    names = sorted({name for level in found.values() for name in level.frictions})
    table = []
    for name in names:
        cells = []
        for level in found.values():
            marked = level.frictions.get(name)
            cells += _judged(marked) if marked else ["–", "–"]
        table.append([f"`{name}`", *cells])

    return table


def _judged(marked: Marked) -> list[str]:
    cells = []
    for found in (marked.found, marked.perfect):
        agreement = chosen(found, marked.true)
        shares = (_share(agreement.precision), _share(agreement.recall))
        cells.append(f"{' / '.join(shares)} ({len(found)} / {len(marked.true)})")

    return cells


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def counts(found: dict[str, Level], which: str) -> Table:
    counted: dict[str, Counter[str]] = {
        one: getattr(found[one], which) for one in found
    }
    everything = sum(counted.values(), Counter())
    rows = [
        [name, *(str(counted[one][name]) for one in found)]
        for name, _ in everything.most_common()
    ]

    return [*rows, ["all", *(str(counted[one].total()) for one in found)]]


def show(heads: Sequence[str], rows: Table) -> None:
    for cells in (heads, ["---"] * len(heads), *rows):
        print(f"| {' | '.join(cells)} |")
    print()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--levels", default=",".join(LEVELS))
    parser.add_argument("--people", type=int, default=800)
    parser.add_argument("--setting", default="", help="a line of cxmap.yaml")
    words = parser.parse_args()
    seeds = tuple(int(seed) for seed in words.seeds.split(","))
    levels = tuple(words.levels.split(","))
    found = measured(Asked(seeds, levels, words.people, words.setting))

    print(f"Seeds {words.seeds}, {words.people} people each: mean (least–greatest).\n")
    show(["customers against people", *found], figures(found, "identity"))
    show(["journeys against needs, B-cubed", *found], figures(found, "journeys"))
    both = [f"{level}{w}" for level in found for w in ("", ", perfect identity")]
    show(["friction: precision / recall (points / true)", *both], points(found))
    show(["pairs of one person kept apart", *found], counts(found, "apart"))
    show(["pairs of two people put together", *found], counts(found, "mixed"))
    show(["contacts cut off from their need", *found], counts(found, "cut"))
    show(["needs joined to another", *found], counts(found, "joined"))


if __name__ == "__main__":
    main()
