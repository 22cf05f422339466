"""cxmap: cross-channel journeys, friction and KPI scorecards from contact logs."""

__version__ = "0.1.0"
