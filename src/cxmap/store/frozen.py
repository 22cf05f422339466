"""Cards that were published: kept beside the records, and never derived again.

They hold figures and names of settings, nothing of customers. No generation names
them, so that no sweep removes them; forgetting somebody leaves them as they are.
"""

import json
import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from cxmap.durable import PARTIAL, sync_folder, write_whole
from cxmap.store.refusing import refusing

FROZEN = "frozen"
"""The folder, below the store's."""

SEAL = (b'{"digest":"', b'","card":', b"}")
"""What stands around the digest and the body of a card."""
DIGEST = 64

NAME = re.compile(r"[0-9A-Za-z_-]+\.json")


def keep(folder: Path, name: str, card: Mapping[str, Any], *, again: bool) -> bool:
    """Keep a card under a name, on the disk when this returns.

    False, and nothing is written, where one is kept already, unless `again`. Only the
    holder of the store's lock may call it. StoreError where the disk refuses.
    """
    below = folder / FROZEN
    path = below / f"{name}.json"
    body = json.dumps(card, sort_keys=True, ensure_ascii=False).encode()
    sealed = SEAL[0] + _digest(body) + SEAL[1] + body + SEAL[2]
    with refusing(path):
        if path.exists() and not again:
            return False
        if not below.is_dir():
            below.mkdir(mode=0o700)
            sync_folder(folder)
        for partial in below.glob(f"*{PARTIAL}"):
            partial.unlink(missing_ok=True)
        write_whole(path, lambda file: file.write(sealed))

    return True


def kept(folder: Path) -> Iterator[tuple[str, dict[str, Any] | None]]:
    """Yield the cards by name, in order; None: what is kept is damaged."""
    below = folder / FROZEN
    with refusing(below):
        paths = sorted(below.glob("*.json")) if below.is_dir() else []
        for path in paths:
            yield path.stem, _read(path)


def damaged(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the files that are no sound card, and what is wrong with them."""
    below = folder / FROZEN
    for path in sorted(below.iterdir()) if below.is_dir() else ():
        if path.suffix == PARTIAL:
            continue
        if not NAME.fullmatch(path.name):
            yield f"{FROZEN}/{path.name}", "no card of the store"
        elif _read(path) is None:
            yield f"{FROZEN}/{path.name}", "damaged card"


def _read(path: Path) -> dict[str, Any] | None:
    sealed = path.read_bytes()
    body = sealed[len(SEAL[0]) + DIGEST + len(SEAL[1]) : -len(SEAL[2])]
    if sealed != SEAL[0] + _digest(body) + SEAL[1] + body + SEAL[2]:
        return None
    card = json.loads(body)

    return card if isinstance(card, dict) else None


def _digest(body: bytes) -> bytes:
    return sha256(body).hexdigest().encode()
