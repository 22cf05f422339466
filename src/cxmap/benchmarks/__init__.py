"""Published figures of other companies: quoted with their source, never a verdict."""

from cxmap.benchmarks.published import published

__all__ = ["published"]
