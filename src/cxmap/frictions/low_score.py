"""Low score."""

import polars as pl

from cxmap.conditions import rated_badly
from cxmap.definitions import friction


@friction(severity="high", because="rated badly by the customer")
def low_score(*, csat: int = 2, ces: int = 3, nps: int = 6) -> pl.Expr:
    """The customer says that it went badly.

    An answer about the contact within seven days of its last touch: satisfaction of
    at most `csat` of 1 to 5, ease of at most `ces` of 1 to 7, a recommendation of at
    most `nps` of 0 to 10. Answers on other scales are stretched to these, so that a
    rating "bad" is the lowest, and turned round where high is bad. One low answer is
    enough, whatever others say. Surveys about the company as a whole are about no
    contact, and answers on a scale nobody declared never count.

    Source: cxmap's own; detractors as in Reichheld's net promoter score.
    """
    return rated_badly(csat=csat, ces=ces, nps=nps)
