"""An example of a plug-in for cxmap: one KPI, one friction and one source."""
