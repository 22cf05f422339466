"""What an import says of who is who: rules that found nobody, people too large."""

from collections.abc import Iterator

from cxmap.config import Config
from cxmap.customers.hands import findings
from cxmap.pipeline import Tables
from cxmap.text import safe


def about_identity(tables: Tables, config: Config) -> Iterator[str]:
    """Yield what of the identity settings asks for a look at the derived tables."""
    rules = config.settings.identity.rule_file
    by_hand = config.identity.by_hand
    if rules is not None:
        for found in findings(by_hand, tables["contacts"], tables["identifiers"]):
            yield f"{safe(rules)}: {safe(found)}"
    large = tables["identifiers"].filter(cut="too_large").height
    if large:
        yield (
            "identity: addresses that join nobody, since who had them would have more "
            f"than {config.identity.largest} identifiers: {large}"
        )
    crowded = tables["identifiers"].filter(cut="large_account").height
    if crowded:
        yield (
            "identity: accounts that make no unit, since they hold more than "
            f"{config.identity.account_cap} people together: {crowded}"
        )
