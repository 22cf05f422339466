"""Where exports are loaded: a store that is there, a first one, or one thrown away."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from cxmap.cli.words import Words

if TYPE_CHECKING:
    from cxmap.intake.loading import Ingested, Intake


def run_ingest(words: Words, intake: "Intake") -> "Ingested":
    """Read exports into the store; a first run that keeps nothing makes no store."""
    from cxmap.intake.loading import ingest as load
    from cxmap.keys import Key
    from cxmap.store import Store

    if not Store.exists(words.store_folder):
        return _first_ingest(words, intake)
    store = Store.open(words.store_folder)
    key = Key.load(words.key_path)
    store.require_key(key.key_id)

    return load(store, key, words.config, intake, now=words.now)


def _first_ingest(words: Words, intake: "Intake") -> "Ingested":
    """Make a store, and a key unless one is there, for what is kept in them.

    Where nothing is, both are taken away again.
    """
    from cxmap.intake.loading import ingest as load
    from cxmap.keys import Key
    from cxmap.store import Store

    new = not words.key_path.exists()
    key = Key.create(words.key_path) if new else Key.load(words.key_path)
    held = False
    try:
        store = Store.create(words.store_folder, key_id=key.key_id)
        held = True
        try:
            done = load(store, key, words.config, intake, now=words.now)
        finally:
            held = not store.discard_unused()
    finally:
        if new and not held:
            words.key_path.unlink(missing_ok=True)
    if new and held:
        words.warn(
            f"made a new key, {words.key_path}: keep a copy of it. Without it nothing "
            "can be added to this store, and nobody can be found or forgotten in it."
        )

    return done


def dry_ingest(words: Words, intake: "Intake") -> "Ingested":
    """Run the same steps against a store that is thrown away."""
    import tempfile

    from cxmap.intake.loading import ingest as load
    from cxmap.keys import Key
    from cxmap.store import Store

    with tempfile.TemporaryDirectory(prefix="cxmap-") as folder:
        key = (
            Key.load(words.key_path)
            if words.key_path.exists()
            else Key.create(Path(folder) / "key")
        )
        store = Store.create(Path(folder) / "store", key_id=key.key_id)
        done = load(store, key, words.config, intake, now=words.now)

    files = tuple(
        replace(one, state="dry_run") if one.state == "loaded" else one
        for one in done.report.files
    )
    return replace(done, report=replace(done.report, files=files, dry_run=True))
