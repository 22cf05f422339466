"""What can go wrong, in the user's words, and the exit code each ends with."""

from enum import IntEnum


class Exit(IntEnum):
    """What a run tells cron: the one table of exit codes."""

    OK = 0
    """Done; warnings, if any, are on stderr."""
    GATE = 1
    """A `--fail-on` gate was hit. Never used for a crash."""
    USAGE = 2
    """A flag, a configuration, a key or a newer store that cxmap cannot follow."""
    DATA = 3
    """Data refused: unreadable, too many rejects, a PATH that matches nothing."""
    BUSY = 4
    """Try again: another run holds the store, or a file is still growing."""
    IO = 5
    """Disk full, no permission, a damaged store."""
    BUG = 70
    """A failure cxmap did not foresee."""
    INTERRUPTED = 130
    """Stopped by Ctrl-C."""
    TERMINATED = 143
    """Stopped by a signal to end."""
    BROKEN_PIPE = 141
    """The reader of stdout went away."""


class CxmapError(Exception):
    """A reason to stop that the user can act on: `where: what, what would be right`.

    Messages name files, lines, columns, keys and counts, never a value of the
    data.
    """

    code = Exit.BUG


class UsageError(CxmapError):
    """A word on the command line that cannot be followed."""

    code = Exit.USAGE


class ConfigError(CxmapError):
    """A configuration or profile that cannot be followed: every problem at once."""

    code = Exit.USAGE


class KeyMismatchError(CxmapError):
    """The pseudonym key is missing, unreadable or not the one of this store."""

    code = Exit.USAGE


class VersionError(CxmapError):
    """The store was written by a cxmap of another format, newer as a rule."""

    code = Exit.USAGE


class ExportError(CxmapError):
    """An export that cannot be read, or one refused because too much was rejected."""

    code = Exit.DATA


class GateInputError(CxmapError):
    """A gate was asked for whose inputs the data does not hold."""

    code = Exit.DATA


class LabelsError(CxmapError):
    """Too few answers or repeats to fit anything to."""

    code = Exit.DATA


class BusyError(CxmapError):
    """Another run holds the store, or a file is still being written."""

    code = Exit.BUSY


class StoreError(CxmapError):
    """The disk or the store refused: full, forbidden, damaged."""

    code = Exit.IO
