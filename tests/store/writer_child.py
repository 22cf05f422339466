"""A process that forks writers on demand, so that each can be killed for good.

It reads one JSON order a line from stdin and answers with the pid of the forked
process, with each thing that one acknowledges, and with how it ended. polars is
imported once, before its threads start; each fork is a process of its own.
"""

import json
import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from cxmap import tables
from cxmap.errors import CxmapError
from cxmap.store import Load, Store, Writer

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
SEAMS = ("open", "fsync", "replace", "rename", "unlink", "mkdir")


def frames(number: int, rows: int) -> dict[str, pl.DataFrame]:
    """Records of one made-up export: contacts and whose they are."""
    keys = [f"{number}-{row}" for row in range(rows)]
    shared = {
        "source": ["desk"] * rows,
        "part": ["tickets"] * rows,
        "record_key": keys,
        "content": [f"digest {key}" for key in keys],
    }
    times = [NOON + timedelta(hours=number)] * rows
    contacts = pl.DataFrame(
        {**shared, "row": range(rows), "source_contact_id": keys, "started_at": times}
    )
    identifiers = pl.DataFrame(
        {
            **shared,
            "owner": ["contact"] * rows,
            "owner_id": keys,
            "kind": ["email"] * rows,
            "pseudonym": [f"person {key}" for key in keys],
            "seen_at": times,
        }
    )
    return {
        "contact_records": tables.conform(contacts, "contact_records"),
        "identifier_records": tables.conform(identifiers, "identifier_records"),
    }


def add(writer: Writer, number: int, rows: int = 5, mapping: str = "m") -> Load:
    """Bring load `number` into the store."""
    return writer.add(
        frames(number, rows),
        source="desk",
        profile="generic_contacts",
        file=f"day-{number}.csv",
        sha256=f"{number:064}",
        mapping=mapping,
        resolved={"profile": "generic_contacts", "version": mapping},
        loaded_at=NOON,
        rows={"records": rows, "kept": rows},
    )


def load(order: dict[str, Any], acknowledge: Callable[[Any], None]) -> None:
    """Write loads, one commit each, and acknowledge each once it is committed."""
    store = Store(Path(order["store"]))
    for number in order["loads"]:
        with store.write(wait=timedelta(seconds=order.get("wait", 0))) as writer:
            if not writer.known(f"{number:064}", "desk", "m"):
                add(writer, number, order.get("rows", 5))
                writer.commit()
        acknowledge(number)


def create(order: dict[str, Any], acknowledge: Callable[[Any], None]) -> None:
    """Create the store."""
    Store.create(Path(order["store"]), key_id="key")
    acknowledge("created")


def bury(order: dict[str, Any], acknowledge: Callable[[Any], None]) -> None:
    """Forget people."""
    with Store(Path(order["store"])).write() as writer:
        writer.bury(order["pseudonyms"], NOON + timedelta(days=30))
        writer.commit()
    acknowledge("buried")


def read(order: dict[str, Any], acknowledge: Callable[[Any], None]) -> None:
    """Read everything there is."""
    snapshot = Store.open(Path(order["store"])).snapshot()
    acknowledge(snapshot.collect(snapshot.records("contact_records")).height)


def hold(order: dict[str, Any], acknowledge: Callable[[Any], None]) -> None:
    """Hold the store until killed."""
    with Store(Path(order["store"])).write(wait=timedelta(seconds=30)):
        acknowledge("held")
        signal.pause()


def fail_at(call: int, fault: str) -> list[int]:
    """Let the call-th system call that changes the disk end the process, or fail.

    Returns a list whose one item is how many calls are left until then.
    """
    left = [call]

    def guarded(seam: Callable[..., Any]) -> Callable[..., Any]:
        def guard(*given: Any, **named: Any) -> Any:
            left[0] -= 1
            if left[0] == 0 and fault == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            if left[0] == 0 and fault.startswith("after "):
                seam(*given, **named)
            if left[0] == 0:
                code = int(fault.rsplit(maxsplit=1)[-1])
                raise OSError(code, os.strerror(code))
            return seam(*given, **named)

        return guard

    for name in SEAMS:
        setattr(os, name, guarded(getattr(os, name)))
    return left


class Unsynced(set[str]):
    """The files and folders changed since they were last put on the disk.

    What a manifest may name must be there before the manifest has its name: what was
    not stays in `too_late`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.too_late: set[str] = set()

    def watch(self) -> None:
        """See every call from now on."""
        seam = {name: getattr(os, name) for name in SEAMS}

        def opened(path: Any, flags: int, *given: Any, **named: Any) -> int:
            new = flags & os.O_CREAT and not Path(path).exists()
            descriptor: int = seam["open"](path, flags, *given, **named)
            if new:
                self.update((str(path), str(Path(path).parent)))
            return descriptor

        def synced(descriptor: int) -> None:
            seam["fsync"](descriptor)
            self.discard(str(Path(f"/proc/self/fd/{descriptor}").readlink()))

        def replaced(old: Any, new: Any) -> None:
            if Path(new).name.startswith("manifest-"):
                self.too_late |= self - {str(Path(new).parent)}
            seam["replace"](old, new)
            self.add(str(Path(new).parent))
            if str(old) in self:
                self.remove(str(old))
                self.add(str(new))

        def made(path: Any, *given: Any, **named: Any) -> None:
            seam["mkdir"](path, *given, **named)
            self.add(str(Path(path).parent))

        def unlinked(path: Any, *given: Any, **named: Any) -> None:
            seam["unlink"](path, *given, **named)
            self.discard(str(path))
            self.add(str(Path(path).parent))

        watched = (opened, synced, replaced, replaced, unlinked, made)
        for name, watching in zip(SEAMS, watched, strict=True):
            setattr(os, name, watching)


ORDERS = {"load": load, "create": create, "bury": bury, "read": read, "hold": hold}


def run(order: dict[str, Any], report: int) -> None:
    """Carry out one order in this process."""

    unsynced = Unsynced()

    def acknowledge(what: Any) -> None:
        if order.get("audit"):
            what = sorted(unsynced | unsynced.too_late)
        os.write(report, json.dumps(what).encode() + b"\n")

    if "file_limit" in order:
        limit = order["file_limit"]
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    if "user" in order:
        os.setuid(order["user"])
    if order.get("audit"):
        unsynced.watch()
    left = fail_at(order["fail_at"], order["fault"]) if "fail_at" in order else [0]
    try:
        ORDERS[order["do"]](order, acknowledge)
    except CxmapError as error:
        acknowledge({"error": type(error).__name__, "message": str(error)})
        os._exit(int(error.code))
    except BaseException:
        traceback.print_exc()
        os._exit(70)
    if left[0] > 0:
        acknowledge(f"{left[0]} calls short of the fault")
    os._exit(0)


def main() -> None:
    """Fork a process per order."""
    for line in sys.stdin:
        order = json.loads(line)
        read_end, write_end = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(read_end)
            run(order, write_end)
        os.close(write_end)
        print(json.dumps(pid), flush=True)
        with os.fdopen(read_end) as pipe:
            for said in pipe:
                print(json.dumps({"said": json.loads(said)}), flush=True)
        _, status = os.waitpid(pid, 0)
        print(json.dumps({"code": os.waitstatus_to_exitcode(status)}), flush=True)


if __name__ == "__main__":
    main()
