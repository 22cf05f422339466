"""KPIs and frictions reckoned a second time, in plain Python, from what is exported."""

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from pathlib import Path
from statistics import fmean
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cxmap.cli.main import run

Row = dict[str, Any]
Found = tuple[float | Fraction | None, int]
ZONE = ZoneInfo("Europe/Berlin")
OPENS, CLOSES = time(8), time(18)
MINUTE, HOUR, DAY = 60, 3_600, 86_400
TABLES = ("contacts", "journeys", "links", "surveys", "points")
PERIODS = {
    "2026-05": (date(2026, 5, 1), date(2026, 6, 1)),
    "2026-06": (date(2026, 6, 1), date(2026, 7, 1)),
}


def read_cell(name: str, cell: str) -> object:
    if not cell:
        return None
    if cell in ("true", "false"):
        return cell == "true"
    if name.endswith("_at") or name == "at":
        return datetime.fromisoformat(cell)
    if name.endswith("_seconds") or name in WHOLE:
        return int(cell)
    return float(cell) if name in ("score", "scale_min", "scale_max") else cell


WHOLE = {"transfers", "reopens", "step", "contacts", "merged", "chasers", "stations"}
WHOLE |= {"systems", "switches", "restarts"}


@dataclass
class Exports:
    """What `cxmap export` wrote of a made-up company."""

    contacts: list[Row]
    journeys: list[Row]
    links: list[Row]
    surveys: list[Row]
    points: list[Row]
    cards: dict[str, Row]

    def __post_init__(self) -> None:
        order = ("started_at", "contact_id")
        self.contacts.sort(key=lambda row: [row[name] for name in order])
        self.by_id = {row["contact_id"]: row for row in self.contacts}
        self.inbound = [row for row in self.contacts if row["inbound"]]
        self.timeline: dict[str, list[Row]] = defaultdict(list)
        for row in self.inbound:
            if row["customer_id"]:
                self.timeline[row["customer_id"]].append(row)

    def after(self, row: Row) -> list[Row]:
        """The customer's later contacts."""
        mine = self.timeline[row["customer_id"]]
        return mine[mine.index(row) + 1 :]


def table(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return [
            {name: read_cell(name, cell) for name, cell in row.items()}
            for row in csv.DictReader(file)
        ]


def exported(folder: Path, seed: int, people: int) -> Exports:
    def cxmap(*words: str) -> None:
        assert run([*words, "--now", "2026-08-01"]) == 0

    config = ("-c", str(folder / "cxmap.yaml"))
    cxmap("demo", str(folder), "--seed", str(seed), "--people", str(people), "-q")
    for name in TABLES:
        cxmap("export", name, "-o", str(folder / f"{name}.csv"), *config)
    for period in PERIODS:
        asked = ("--all", "--since", period, "--compare", "none")
        cxmap("report", *asked, "-o", str(folder / f"{period}.json"), *config)
    cards = {
        name: json.loads((folder / f"{name}.json").read_text()) for name in PERIODS
    }

    return Exports(*(table(folder / f"{name}.csv") for name in TABLES), cards)


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Exports:
    return exported(tmp_path_factory.mktemp("exported"), seed=11, people=250)


def seconds(since: datetime, until: datetime) -> int:
    return int((until - since).total_seconds())


def open_seconds(since: datetime, until: datetime) -> int:
    """Opening time between two instants, day by day."""
    total, day = 0, since.astimezone(ZONE).date()
    while day <= until.astimezone(ZONE).date():
        opens = datetime.combine(day, OPENS, ZONE).astimezone(UTC)
        closes = datetime.combine(day, CLOSES, ZONE).astimezone(UTC)
        if day.weekday() < 5:
            total += max(0, seconds(max(since, opens), min(until, closes)))
        day += timedelta(days=1)
    return total


def within(row: Row, period: str, name: str = "started_at") -> bool:
    first, last = PERIODS[period]
    return first <= row[name].astimezone(ZONE).date() < last


def related(one: Row, other: Row) -> bool | None:
    """Whether two topics are equal or above one another; None: one is not known."""
    if not one["topic"] or not other["topic"]:
        return None
    a, b = (f"{row['topic']}/" for row in (one, other))
    return a.startswith(b) or b.startswith(a)


def share(flags: Iterable[bool]) -> Found:
    judged = list(flags)
    return (Fraction(sum(judged), len(judged)) if judged else None), len(judged)


def median(waits: Iterable[tuple[int, bool]]) -> Found:
    """The Kaplan–Meier median of waits, each with whether it ended."""
    known = sorted(waits)
    left, at_risk = Fraction(1), len(known)
    ends, all_ = Counter(w for w, ended in known if ended), Counter(w for w, _ in known)
    for wait in sorted(all_):
        left *= 1 - Fraction(ends[wait], at_risk)
        at_risk -= all_[wait]
        if left <= Fraction(1, 2):
            return wait, len(known)
    return None, len(known)


def failed(row: Row) -> bool:
    return bool(row["repeated"] or row["reopened"])


def settled_window(row: Row) -> bool:
    window = timedelta(seconds=row["repeat_window_seconds"])
    return bool(row["last_touch_at"] + window <= row["horizon_at"])


def of(world: Exports, period: str) -> list[Row]:
    return [row for row in world.inbound if within(row, period) and not row["merged"]]


def resolution_rate(world: Exports, period: str) -> Found:
    judged = []
    for row in of(world, period):
        silent = row["resolved"] is None and row["served"] is not False
        if silent and (row["served"] is None or not row["customer_id"]):
            continue
        if silent and row["served"] and not settled_window(row):
            continue
        judged.append(not failed(row) if silent else row["resolved"] is True)
    return share(judged)


def durable_resolution_rate(world: Exports, period: str) -> Found:
    called = [
        row
        for row in of(world, period)
        if row["resolved_by_export"] and row["customer_id"]
    ]
    return share(
        not failed(row) and row["resolved"] is not False
        for row in called
        if settled_window(row)
    )


LIVE = ("voice", "chat", "in_person")


def there_at(row: Row) -> datetime | None:
    """When somebody was there."""
    if not row["served"]:
        return None
    live = row["channel_group"] in (*LIVE, "digital_self")
    return (
        row["answered_at"]
        or row["first_response_at"]
        or (row["started_at"] if live else None)
    )


def reached(world: Exports, row: Row) -> bool | None:
    """Whether somebody was there within a day; None: that may still be."""
    day = timedelta(days=1)
    at = there_at(row)
    if at is not None:
        return at - row["started_at"] <= day or row["channel_group"] in LIVE
    later = [there_at(other) for other in world.after(row)]
    if any(there and there - row["last_touch_at"] <= day for there in later):
        return True
    over = max(row["started_at"], row["last_touch_at"]) + day
    return False if over <= row["horizon_at"] else None


def customers_reached(world: Exports, period: str) -> list[bool]:
    found: dict[str, list[bool]] = defaultdict(list)
    for row in of(world, period):
        if row["customer_id"] and row["served"] is not None:
            told = reached(world, row)
            if told is not None:
                found[row["customer_id"]].append(told)
    return [all(attempts) for attempts in found.values()]


def reachability(world: Exports, period: str) -> Found:
    return share(customers_reached(world, period))


def unserved_customers(world: Exports, period: str) -> Found:
    found = customers_reached(world, period)
    return found.count(False), len(found)


def piled(world: Exports, day: date) -> int:
    """Cases open at the beginning of a day."""
    at = datetime.combine(day, time(), ZONE)
    count = 0
    for row in world.inbound:
        writes = row["channel_group"] in ("written", "messaging", "social")
        if not writes or row["status"] is None or row["merged"]:
            continue
        over = row["resolved_at"] or row["closed_at"]
        settled = row["status"] in ("solved", "closed") and over and over < at
        count += row["started_at"] < at and not settled
    return count


def net_flow(world: Exports, period: str) -> Found:
    first, last = PERIODS[period]
    return piled(world, last) - piled(world, first), -1


def backlog(world: Exports, period: str) -> Found:
    return piled(world, PERIODS[period][1]), -1


def told(world: Exports, period: str) -> list[Row]:
    return [row for row in world.journeys if within(row, period) and row["customer_id"]]


def contacts_per_resolution(world: Exports, period: str) -> Found:
    known = [
        row
        for row in told(world, period)
        if row["closed"]
        and row["outcome"] not in (None, "contained_unknown", "unknown")
    ]
    resolved = sum(row["outcome"] in ("resolved", "presumed") for row in known)
    spent = sum(row["contacts"] - row["merged"] for row in known)
    return Fraction(spent, resolved), resolved


def true_containment_rate(world: Exports, period: str) -> Found:
    judged = []
    for row in of(world, period):
        if row["channel"] != "bot" or not row["customer_id"]:
            continue
        end = row["last_touch_at"]
        again = any(
            related(row, other) is not False
            and 0 <= seconds(end, other["started_at"]) <= DAY
            for other in world.after(row)
        )
        if end + timedelta(days=1) <= row["horizon_at"]:
            judged.append(not again and not row["handed_off"])
    return share(judged)


def offered(world: Exports, period: str) -> list[Row]:
    return [
        row
        for row in of(world, period)
        if row["channel"] in ("voice", "callback", "chat", "video")
        and row["served"] is not None
        and not (row["served"] and row["queue_seconds"] is None)
    ]


def service_level(world: Exports, period: str) -> Found:
    return share(
        row["served"] and row["queue_seconds"] <= 20 for row in offered(world, period)
    )


def handle_time(world: Exports, period: str) -> Found:
    took = [
        row["talk_seconds"] + (row["hold_seconds"] or 0) + row["wrap_up_seconds"]
        for row in of(world, period)
        if row["channel_group"] in ("voice", "chat")
        and row["served"]
        and None not in (row["talk_seconds"], row["wrap_up_seconds"])
    ]
    return fmean(took), len(took)


def hold_rate(world: Exports, period: str) -> Found:
    return share(
        row["hold_seconds"] > 0
        for row in of(world, period)
        if row["channel"] in ("voice", "callback")
        and row["served"]
        and row["hold_seconds"] is not None
    )


def waits(world: Exports, period: str) -> list[tuple[Row, datetime, bool]]:
    """Cases, until when they waited for a first answer, and whether it came."""
    found = []
    for row in of(world, period):
        writes = row["channel_group"] in ("written", "messaging", "social")
        if writes and row["first_response_at"]:
            found.append((row, row["first_response_at"], True))
        elif writes and row["served"] is False:
            until = row["closed_at"] or row["resolved_at"] or row["source_horizon_at"]
            found.append((row, until, False))
    return found


def first_response_time(world: Exports, period: str) -> Found:
    return median(
        (seconds(row["started_at"], until), ended)
        for row, until, ended in waits(world, period)
    )


def opening(row: Row, until: datetime, *, answered: bool) -> int:
    """The wait in opening time; the helpdesk exports its answers' in minutes."""
    own = open_seconds(row["started_at"], until)
    said: int = row["first_response_business_seconds"] if answered else own
    assert abs(said - own) < MINUTE
    return said


def first_response_time_business(world: Exports, period: str) -> Found:
    return median(
        (opening(row, until, answered=ended), ended)
        for row, until, ended in waits(world, period)
    )


def channel_response_gap(world: Exports, period: str) -> Found:
    target = {"chat": MINUTE, "messaging": 15 * MINUTE, "written": 8 * HOUR}
    groups: dict[str, list[tuple[int, bool]]] = defaultdict(list)
    for row, until, ended in waits(world, period):
        groups[row["channel_group"]].append((seconds(row["started_at"], until), ended))
    for row in of(world, period):
        if row["channel_group"] == "chat" and row["answered_at"]:
            wait = seconds(row["started_at"], row["answered_at"])
            groups["chat"].append((wait, True))
    middles = [
        Fraction(1_000 * value // target[name], 1_000)
        for name, all_ in groups.items()
        if len(all_) >= 10 and (value := median(all_)[0])
    ]
    n = sum(map(len, groups.values()))
    return (max(middles) / min(middles) if len(middles) > 1 else None), n


def failure_demand_rate(world: Exports, period: str) -> Found:
    return share(
        bool(
            row["repeats_contact_id"]
            or row["return_of"] == "retry"
            or row["chasers"]
            or row["reopened"]
        )
        for row in of(world, period)
        if row["customer_id"]
    )


def repeat_customer_rate(world: Exports, period: str) -> Found:
    found: dict[str, list[bool]] = defaultdict(list)
    for row in of(world, period):
        if row["customer_id"]:
            found[row["customer_id"]].append(bool(row["repeats_contact_id"]))
    return share(any(all_) for all_ in found.values())


def detractor_followup_rate(world: Exports, period: str) -> Found:
    judged: list[bool] = []
    if all(row["direction"] != "outbound" for row in world.contacts):
        return share(judged)
    for row in world.surveys:
        if row["survey_type"] != "nps" or row["score"] is None or row["score"] > 6:
            continue
        if not row["customer_id"] or not within(row, period, "at"):
            continue
        after = row["followed_up_after_seconds"]
        due = row["responded_at"] + timedelta(days=7)
        if after is not None or due <= row["horizon_at"]:
            judged.append(after is not None and after <= 7 * DAY)
    return share(judged)


def survey_response_rate(world: Exports, period: str) -> Found:
    asks = {row["source"] for row in world.surveys if row["score"] is None}
    return share(
        row["score"] is not None
        for row in world.surveys
        if row["source"] in asks and row["at"] and within(row, period, "at")
    )


def self_service_escape_rate(world: Exports, period: str) -> Found:
    return share(
        bool(escapes(world, row))
        for row in of(world, period)
        if row["channel_group"] == "digital_self"
        and row["customer_id"]
        and row["last_touch_at"] + timedelta(days=1) <= row["horizon_at"]
    )


def escapes(world: Exports, row: Row) -> list[Row]:
    """The contacts with people that follow from a machine's session, soon enough."""
    found = []
    for hop in world.links:
        if hop["from_contact_id"] != row["contact_id"]:
            continue
        other = world.by_id[hop["to_contact_id"]]
        limit = {True: DAY, None: 2 * HOUR, False: -1}[related(row, other)]
        limit = DAY if hop["rule"] == "reference" else limit
        human = other["inbound"] and other["channel_group"] != "digital_self"
        if human and hop["gap_seconds"] <= limit:
            found.append(other)
    return found


KPIS: list[Callable[[Exports, str], Found]] = [
    resolution_rate, durable_resolution_rate, reachability, unserved_customers,
    net_flow, backlog, contacts_per_resolution, true_containment_rate, service_level,
    handle_time, hold_rate, first_response_time, first_response_time_business,
    channel_response_gap, failure_demand_rate, repeat_customer_rate,
    detractor_followup_rate, survey_response_rate, self_service_escape_rate,
]  # fmt: skip


def excessive_hold(world: Exports) -> set[str]:
    return {
        row["contact_id"]
        for row in world.inbound
        if (held := row["hold_seconds"]) is not None
        and (
            held > 2 * MINUTE
            or (
                held > MINUTE
                and row["talk_seconds"]
                and 10 * held > 3 * row["talk_seconds"]
            )
        )
    }


def transfer_chain(world: Exports) -> set[str]:
    return {row["contact_id"] for row in world.inbound if (row["transfers"] or 0) >= 2}


def long_wait(world: Exports) -> set[str]:
    limit = {"voice": 2 * MINUTE, "callback": 2 * MINUTE, "chat": MINUTE}
    return {
        row["contact_id"]
        for row in world.inbound
        if (row["queue_seconds"] or 0) > limit.get(row["channel"], 10**9)
    }


def after_contact_work_overload(world: Exports) -> set[str]:
    return {
        row["contact_id"]
        for row in world.inbound
        if row["served"]
        and row["channel_group"] in ("voice", "chat")
        and None not in (row["wrap_up_seconds"], row["talk_seconds"])
        and row["wrap_up_seconds"] > max(row["talk_seconds"], MINUTE)
    }


def abandon_and_return(world: Exports) -> set[str]:
    gone = ("abandoned", "unanswered", "overflowed", "opted_out")
    found = set()
    for row in world.inbound:
        lost = row["served"] is False and row["channel_group"] in ("voice", "chat")
        if not lost or row["disposition"] not in gone or not row["customer_id"]:
            continue
        short = row["disposition"] == "abandoned" and (row["queue_seconds"] or 0) <= 5
        back = [
            seconds(row["last_touch_at"], on["started_at"]) for on in world.after(row)
        ]
        if not short and back and back[0] <= DAY:
            found.add(row["contact_id"])
    return found


def channel_ping_pong(world: Exports) -> set[str]:
    steps: dict[str, list[Row]] = defaultdict(list)
    for row in world.inbound:
        steps[row["journey_id"]].append(row)
    found = set()
    for line in steps.values():
        for one, two, three in zip(line, line[1:], line[2:], strict=False):
            first, middle, last = (row["channel_group"] for row in (one, two, three))
            if first == last != middle:
                found.add(three["contact_id"])
    return found


def self_service_escape(world: Exports) -> set[str]:
    sessions = [row for row in world.inbound if row["channel_group"] == "digital_self"]
    return {
        other["contact_id"]
        for row in sessions
        if row["customer_id"]
        for other in escapes(world, row)
    }


def low_score(world: Exports) -> set[str]:
    limit = {"csat": Fraction(1, 4), "ces": Fraction(1, 3), "nps": Fraction(6, 10)}
    found = set()
    for row in world.surveys:
        about = world.by_id.get(row["contact_id"])
        if about is None or row["score"] is None:
            continue
        size = row["scale_max"] - row["scale_min"]
        mark = (row["score"] - row["scale_min"]) / size
        mark = mark if row["high_is_good"] else 1 - mark
        at = row["responded_at"]
        late = at and seconds(about["last_touch_at"], at) > 7 * DAY
        if mark <= limit[row["survey_type"]] + 1e-9 and not late:
            found.add(row["contact_id"])
    return found


def slow_first_response(world: Exports) -> set[str]:
    found = set()
    for row in world.inbound:
        group, since = row["channel_group"], row["started_at"]
        if group == "chat" and row["answered_at"]:
            slow = seconds(since, row["answered_at"]) > MINUTE
        elif group not in ("written", "messaging") or row["served"] is None:
            continue
        else:
            answer = row["first_response_at"]
            until = answer or row["source_horizon_at"]
            slow = (
                opening(row, until, answered=bool(answer)) > 8 * HOUR
                if group == "written"
                else seconds(since, until) > 15 * MINUTE
            )
        if slow:
            found.add(row["contact_id"])
    return found


def unanswered(world: Exports) -> set[str]:
    found = set()
    for row in world.inbound:
        if row["served"] is not False:
            continue
        since, until = row["started_at"], row["source_horizon_at"]
        if row["channel_group"] == "written":
            silent = open_seconds(since, until) >= 3 * 10 * HOUR
        elif row["channel_group"] in ("messaging", "social"):
            silent = seconds(since, until) > DAY
        else:
            silent = row["disposition"] in ("unanswered", "overflowed", "missed")
        if silent:
            found.add(row["contact_id"])
    return found


FRICTIONS: list[Callable[[Exports], set[str]]] = [
    excessive_hold, transfer_chain, long_wait, after_contact_work_overload,
    abandon_and_return, channel_ping_pong, self_service_escape, low_score,
    slow_first_response, unanswered,
]  # fmt: skip


@pytest.mark.parametrize("period", sorted(PERIODS))
@pytest.mark.parametrize("kpi", KPIS, ids=lambda kpi: kpi.__name__)
def test_a_second_reckoning_finds_the_same(
    world: Exports, kpi: Callable[[Exports, str], Found], period: str
) -> None:
    [score] = [
        one for one in world.cards[period]["scores"] if one["kpi"] == kpi.__name__
    ]
    value, n = kpi(world, period)

    assert score["value"] == (None if value is None else pytest.approx(float(value)))
    assert score["n"] == n or n == -1


@pytest.mark.parametrize("friction", FRICTIONS, ids=lambda each: each.__name__)
def test_a_second_look_finds_the_same_points(
    world: Exports, friction: Callable[[Exports], set[str]]
) -> None:
    shown = [one for one in world.points if one["friction"] == friction.__name__]

    assert shown
    assert {one["contact_id"] for one in shown} == friction(world)
