"""What the disk refuses, told by path and reason, never in words that quote data."""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from polars.exceptions import ComputeError, PanicException

from cxmap.errors import StoreError
from cxmap.text import safe

CURES = {
    errno.ENOSPC: "make room, then run again",
    errno.EDQUOT: "make room, then run again",
    errno.EACCES: "give this user the right to write there",
    errno.EPERM: "give this user the right to write there",
    errno.EROFS: "name a folder that can be written",
}

SYSTEM_ERROR = re.compile(r"os error (\d+)")


@contextmanager
def refusing(path: Path) -> Iterator[None]:
    """Name the path and the system's reason, as StoreError, if the disk refuses.

    The parser's and the writer's own words are dropped: they may quote data.
    """
    try:
        yield
    except OSError as error:
        raise StoreError(f"{safe(path)}: {_reason(error.errno)}") from error
    except (ComputeError, PanicException) as error:
        code = SYSTEM_ERROR.search(str(error))
        raise StoreError(f"{safe(path)}: {_reason(code and int(code[1]))}") from None


def _reason(code: int | None) -> str:
    if not code:
        return "cannot be read or written as Parquet; check the store"
    cure = CURES.get(code)

    return os.strerror(code) + (f"; {cure}" if cure else "")
