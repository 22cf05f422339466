"""Global options, accepted on either side of the command."""

from collections.abc import Sequence

TAKES_VALUE = frozenset({"-c", "--config", "--store", "--now", "--tz", "--color"})
FLAGS = frozenset({"-q", "--quiet", "-v", "--verbose"})


def hoist(words: Sequence[str]) -> list[str]:
    """Return the command line with its global options in front of the command.

    Everything after `--` stays where it is.
    """
    front: list[str] = []
    rest: list[str] = []
    waiting = list(words)
    while waiting:
        word = waiting.pop(0)
        if word == "--":
            rest += [word, *waiting]
            break
        if word in TAKES_VALUE:
            front += [word, *waiting[:1]]
            waiting = waiting[1:]
        elif word in FLAGS or word.split("=", 1)[0] in TAKES_VALUE:
            front.append(word)
        else:
            rest.append(word)

    return front + rest
