"""Signals to stop: the first ends the run in order, the second at once."""

import os
import signal
from types import FrameType
from typing import NoReturn

from cxmap.errors import Exit

CODES = {signal.SIGINT: Exit.INTERRUPTED, signal.SIGTERM: Exit.TERMINATED}


class Stop:
    """What the run was told; whatever comes out of it afterwards is that signal's."""

    def __init__(self) -> None:
        self.code: Exit | None = None

    def listen(self) -> None:
        """Answer the signals to stop from now on.

        A signal that is ignored, as under nohup, stays ignored.
        """
        for number in CODES:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._stop)

    def _stop(self, number: int, frame: FrameType | None) -> NoReturn:
        code = CODES[signal.Signals(number)]
        if self.code is not None:
            os._exit(code)
        self.code = code
        raise SystemExit(code)
