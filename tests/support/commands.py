"""cxmap as a command, run without a process of its own: half the time is starting one.

Left out is only what lies between the interpreter and `run`; for that tests start real
processes, as tests/test_cli.py does.
"""

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from io import BytesIO, TextIOWrapper
from pathlib import Path
from subprocess import CompletedProcess

from cxmap.cli.main import run


def command(*words: str, cwd: Path, input: str = "") -> CompletedProcess[str]:
    """Run a command line in a folder, under no config but its own."""
    out, err = (TextIOWrapper(BytesIO(), encoding="utf-8") for _ in range(2))
    with _told(input), chdir(cwd), redirect_stdout(out), redirect_stderr(err):
        code = run(list(words))

    return CompletedProcess(words, code, _written(out), _written(err))


def _written(stream: TextIOWrapper) -> str:
    stream.flush()
    content: bytes = stream.buffer.getvalue()  # type: ignore[attr-defined]

    return content.decode("utf-8").replace("\r\n", "\n")


@contextmanager
def _told(input: str) -> Iterator[None]:
    """Give a command its stdin and an environment that names no config."""
    stdin, named = sys.stdin, os.environ.get("CXMAP_CONFIG")
    sys.stdin = TextIOWrapper(BytesIO(input.encode()), encoding="utf-8")
    os.environ["CXMAP_CONFIG"] = ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        sys.stdin = stdin
        if named is None:
            del os.environ["CXMAP_CONFIG"]
        else:
            os.environ["CXMAP_CONFIG"] = named
