"""What rich draws on: a page of given width and colour, read back as text."""

import io
import re

from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from cxmap.views.symbols import symbols, to_ascii

UNLIMITED = 10_000
"""Columns of a page off a terminal: wide enough that nothing wraps."""

READABLE = 88
"""A paragraph is no wider, however wide the page."""

NARROW = 80
"""On fewer columns a scorecard is folded."""

TRAILING = re.compile(r"[ ]+((?:\x1b\[[0-9;]*m)*)$", re.MULTILINE)


class Paper:
    """A page. Only `Text` is written on it, so that data is never markup."""

    def __init__(self, *, width: int | None, color: bool, ascii_only: bool) -> None:
        self.width = width
        self.ascii_only = ascii_only
        self.signs = symbols(ascii_only=ascii_only)
        self.console = Console(
            file=io.StringIO(),
            width=width or UNLIMITED,
            force_terminal=color,
            color_system="standard" if color else None,
            no_color=not color,
            legacy_windows=False,
            markup=False,
            emoji=False,
            highlight=False,
            _environ={},
        )

    @property
    def narrow(self) -> bool:
        """Whether a table of scores does not fit: one KPI then takes two lines."""
        return self.width is not None and self.width < NARROW

    def shown(self, text: str) -> str:
        """Return text as the page will show it, so that columns stay in line."""
        return to_ascii(text) if self.ascii_only else text

    def line(self, text: Text) -> None:
        """Write one line; on a narrow page it is folded, never cut."""
        self.console.print(text, overflow="fold")

    def words(self, text: Text) -> None:
        """Write a paragraph, wrapped between words; off a terminal at a good width."""
        self.console.print(text, width=min(self.width or READABLE, READABLE))

    def gap(self) -> None:
        """Leave a line empty."""
        self.console.print()

    def table(self, first: str) -> Table:
        """Return an empty table whose first column is headed `first`."""
        table = Table(
            box=None if self.ascii_only else SIMPLE_HEAD,
            show_edge=False,
            pad_edge=False,
            padding=(0, 2 if self.ascii_only else 1, 0, 0),
            header_style="bold",
        )
        table.add_column(Text(first), overflow="fold")

        return table

    def pair(self, label: Text, value: Text, status: Text) -> None:
        """Write one line of three parts, the last two at the right edge."""
        line = Table.grid(padding=(0, 1), expand=True)
        line.add_column(ratio=1, overflow="fold")
        line.add_column(justify="right", no_wrap=True)
        line.add_column(overflow="fold", min_width=8)
        line.add_row(label, value, status)
        self.add(line)

    def add(self, item: RenderableType) -> None:
        """Put a table on the page."""
        self.console.print(item)

    def text(self) -> str:
        """Return what was written, without spaces at the ends of lines."""
        file = self.console.file
        written = file.getvalue() if isinstance(file, io.StringIO) else ""
        trimmed = TRAILING.sub(r"\1", written)

        return to_ascii(trimmed) if self.ascii_only else trimmed
