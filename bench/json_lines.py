"""cxmap's reading of JSON lines beside `json.loads` and one pass over the fields.

    python bench/json_lines.py [--rows N] [--rounds N] [--folder DIR]

Writes N made-up Zendesk tickets and N made-up Amazon Connect records (once), checks
that both ways find the same texts, and prints the CPU seconds of each, the best of
alternating rounds, as ratios to the bare loop: loads a line, walk every path that the
profile reads, keep its text. The loop that refuses doubled keys promises what cxmap
does and `json.loads` alone does not: that no value is dropped unseen. `read` stops
where the loops do; `extract` goes on to typed, pseudonymised records.
"""

import argparse
import json
import os
import random
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cxmap.keys import DEMO_SECRET, Key
from cxmap.sources.columns import Context
from cxmap.sources.extract import extract
from cxmap.sources.flat import json_fields, json_lists, read_options
from cxmap.sources.profile import Profile, load_profile, parts, resolve
from cxmap.sources.read import RawExport, read

HERE = Path(__file__).parent
BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 3, 1, tzinfo=UTC)
CUSTOM_FIELDS = 12


def tickets(rows: int) -> Iterator[dict[str, Any]]:
    """Yield tickets as the incremental ticket export has them."""
    chance = random.Random(7)
    for number in range(1, rows + 1):
        begun = BEGIN + timedelta(seconds=chance.randrange(365 * 86_400))
        someone = 5_000_000_000_000 + chance.randrange(rows // 4 + 1)
        channel = chance.choice(("email", "web", "voice", "chat", "api"))
        fields = [
            {"id": 360_000_000 + place, "value": chance.choice((None, "a", "b", True))}
            for place in range(CUSTOM_FIELDS)
        ]
        yield {
            "url": f"https://example.test/api/v2/tickets/{number}.json",
            "id": number,
            "external_id": None,
            "via": {
                "channel": channel,
                "source": {
                    "from": {"address": f"c{someone}@mail.test", "name": "Müller"},
                    "to": {"address": "help@example.test", "name": "Help"},
                    "rel": None,
                },
            },
            "created_at": stamp(begun),
            "updated_at": stamp(begun + timedelta(hours=chance.randrange(90))),
            "generated_timestamp": int(begun.timestamp()),
            "type": "question",
            "subject": "About my order",
            "description": 'It says "sent", and nothing came. ' * chance.randrange(9),
            "priority": chance.choice((None, "low", "normal", "high")),
            "status": chance.choice(("open", "pending", "solved", "closed")),
            "requester_id": someone,
            "submitter_id": someone,
            "assignee_id": chance.choice((None, 381_000_000_000 + number % 90)),
            "organization_id": None,
            "group_id": 360_000_001_000 + number % 7,
            "collaborator_ids": [],
            "problem_id": None,
            "has_incidents": False,
            "is_public": True,
            "tags": ["order", f"area_{number % 9}"],
            "custom_fields": fields,
            "satisfaction_rating": {"score": chance.choice(("offered", "good", "bad"))},
            "fields": fields,
            "brand_id": 360_000_358_316,
            "allow_attachments": True,
        }


def calls(rows: int) -> Iterator[dict[str, Any]]:
    """Yield contact records as a stream of Amazon Connect has them."""
    chance = random.Random(11)
    arn = "arn:aws:connect:eu-central-1:000000000000:instance/example"
    for number in range(1, rows + 1):
        begun = BEGIN + timedelta(seconds=chance.randrange(365 * 86_400))
        wait, talk = chance.randrange(240), chance.randrange(20, 900)
        reached = begun + timedelta(seconds=wait)
        ended = reached + timedelta(seconds=talk)
        person = {
            "ARN": f"{arn}/agent/{number % 300}",
            "AfterContactWorkDuration": 5,
            "AgentInteractionDuration": talk,
            "ConnectedToAgentTimestamp": stamp(reached),
            "CustomerHoldDuration": 0,
            "HierarchyGroups": {
                "Level1": {"ARN": f"{arn}/agent-group/1", "GroupName": "Care"},
                "Level2": None,
            },
            "RoutingProfile": {"ARN": f"{arn}/routing-profile/1", "Name": "Care all"},
            "Username": f"agent.{number % 300}",
        }
        yield {
            "AWSAccountId": "000000000000",
            "AWSContactTraceRecordFormatVersion": "2017-03-10",
            "Agent": person if chance.random() > 0.1 else None,
            "Attributes": {"intent": "billing", "language": "de", "step": str(number)},
            "Channel": "VOICE",
            "ContactId": f"00000000-0000-4000-8000-{number:012}",
            "CustomerEndpoint": {
                "Address": f"+49154{10_000_000 + chance.randrange(rows // 4 + 1)}",
                "Type": "TELEPHONE_NUMBER",
            },
            "DisconnectReason": "CUSTOMER_DISCONNECT",
            "DisconnectTimestamp": stamp(ended),
            "InitialContactId": None,
            "InitiationMethod": "INBOUND",
            "InitiationTimestamp": stamp(begun),
            "InstanceARN": arn,
            "LastUpdateTimestamp": stamp(ended + timedelta(minutes=1)),
            "MediaStreams": [{"Type": "AUDIO"}],
            "PreviousContactId": None,
            "Queue": {
                "ARN": f"{arn}/queue/{number % 12}",
                "DequeueTimestamp": stamp(reached),
                "Duration": wait,
                "EnqueueTimestamp": stamp(begun),
                "Name": f"Queue {number % 12}",
            },
            "Recordings": [],
            "SystemEndpoint": {"Address": "+498000000", "Type": "TELEPHONE_NUMBER"},
            "TransferredToEndpoint": None,
        }


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


EXPORTS = {
    "zendesk_tickets": ("tickets", tickets),
    "amazon_connect": ("contact_records", calls),
}
"""By profile: its part, and what its records look like."""


def prepared(folder: Path, profile: str, rows: int) -> Path:
    """Return the file of so many records, written if need be."""
    path = folder / f"{profile}-{rows}.ndjson"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".part")
        with draft.open("w", encoding="utf-8") as file:
            for record in EXPORTS[profile][1](rows):
                file.write(json.dumps(record, separators=(",", ":")) + "\n")
        draft.replace(path)

    return path


def loads(path: Path) -> None:
    """Parse every line and forget it."""
    with path.open("rb") as file:
        for line in file:
            json.loads(line)


def refusing_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key stands twice")
    return made


def bare(
    path: Path,
    fields: Mapping[str, str],
    hook: Callable[[list[tuple[str, Any]]], dict[str, Any]] | None = None,
) -> dict[str, list[str | None]]:
    """Return the texts of the paths: `json.loads` and one pass over the fields."""
    ways = {name: told.replace('"', "").split(".") for name, told in fields.items()}
    columns: dict[str, list[str | None]] = {name: [] for name in ways}
    with path.open("rb") as file:
        for line in file:
            record = json.loads(line, object_pairs_hook=hook)
            for name, keys in ways.items():
                found = record
                for key in keys:
                    found = found.get(key) if isinstance(found, dict) else None
                columns[name].append(plain(found))

    return columns


def plain(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if type(value) is int:
        return str(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def records(raw: RawExport, profile: Profile, part: str) -> int:
    """Return how many contact records the rows become."""
    told = Context(
        source="bench",
        load_id="",
        file="bench",
        pseudonyms=Key(DEMO_SECRET).pseudonyms,
        now=NOW,
    )
    return extract(raw, profile, part, told).tables["contact_records"].height


def cpu(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def compared(path: Path, name: str, rounds: int) -> dict[str, float]:
    """Return the least CPU seconds of each way, having checked that they agree."""
    profile = resolve(load_profile(name), {})
    part = EXPORTS[name][0]
    chosen = parts(profile)[part]
    fields, lists = json_fields(chosen), json_lists(profile, part)

    def reading() -> RawExport:
        return read(path, read_options(chosen), fields=fields, lists=lists)

    expected, raw = bare(path, fields), reading()
    for column, texts in expected.items():
        held = [text or None for text in texts]
        assert raw.rows[column].to_list() == held, column
    ways: dict[str, Callable[[], object]] = {
        "json.loads alone": lambda: loads(path),
        "bare loop": lambda: bare(path, fields),
        "  no doubled keys": lambda: bare(path, fields, refusing_doubles),
        "cxmap read": reading,
        "cxmap extract": lambda: records(reading(), profile, part),
    }
    del expected, raw
    costs: dict[str, float] = dict.fromkeys(ways, float("inf"))
    for _ in range(rounds):
        for way, work in ways.items():
            costs[way] = min(costs[way], cpu(work))

    return costs


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    words.add_argument("--rows", type=int, default=100_000)
    words.add_argument("--rounds", type=int, default=3)
    words.add_argument("--folder", type=Path, default=HERE / ".data" / "json")
    asked = words.parse_args()
    for name in EXPORTS:
        path = prepared(asked.folder, name, asked.rows)
        costs = compared(path, name, asked.rounds)
        size = path.stat().st_size / asked.rows
        print(f"{name}: {asked.rows:,} records of {size:,.0f} bytes")
        for way, cost in costs.items():
            per = 1e6 * cost / asked.rows
            ratio = cost / costs["bare loop"]
            print(f"  {way:<18} {cost:>7.2f} CPU s {per:>7.1f} µs each {ratio:>6.2f}")
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
