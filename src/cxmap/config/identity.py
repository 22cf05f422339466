"""`identity:` in `cxmap.yaml`: which identifiers may join records into one customer."""

import re
from typing import Literal, get_args

from pydantic import Field, field_validator

from cxmap.byhand import ByHand
from cxmap.config.sections import Section
from cxmap.config.spelling import AddressKind, Duration, Switch, Texts
from cxmap.options import IdentityRules

IDENTITY = IdentityRules()

OWN = re.compile(r"^[^@\s]*@[^@\s]+\.[^@\s]+$|^[^@]*[0-9][^@]*$")
"""A number, an e-mail address, or the domain of such."""


def _caps() -> dict[AddressKind, int]:
    return {kind: IDENTITY.caps[kind] for kind in get_args(AddressKind)}


class Identity(Section):
    """Which identifiers may join records into one customer."""

    level: Literal["strict", "normal", "loose"] = IDENTITY.level
    email_cap: int = Field(IDENTITY.email_cap, ge=1)
    caps: dict[AddressKind, int] = Field(default_factory=_caps)
    apart: Duration = IDENTITY.apart
    weak_evidence: Switch = IDENTITY.weak_evidence
    largest: int | Literal["off"] = IDENTITY.largest or "off"
    unit: Literal["person", "account"] = IDENTITY.unit
    account_cap: int = Field(IDENTITY.account_cap, ge=1)
    never: Texts = Field([])
    rule_file: str | None = Field(None, alias="rules")

    @field_validator("caps")
    @classmethod
    def _at_least_one(cls, caps: dict[AddressKind, int]) -> dict[AddressKind, int]:
        if any(cap < 1 for cap in caps.values()):
            raise ValueError("a cap is a whole number from 1")

        return _caps() | caps

    @field_validator("largest")
    @classmethod
    def _of_somebody(cls, largest: int | str) -> int | str:
        if isinstance(largest, int) and largest < 1:
            raise ValueError("write a whole number from 1, or off")

        return largest

    @field_validator("never")
    @classmethod
    def _own(cls, never: list[str]) -> list[str]:
        if not all(OWN.search(one) for one in never):
            raise ValueError(
                "write a number such as +49 30 1234567, an address such as "
                'desk@example.com, or a domain such as "@example.com"'
            )

        return never

    def rules(self, by_hand: ByHand) -> IdentityRules:
        """Return the rules as the rooms take them."""
        return IdentityRules(
            level=self.level,
            email_cap=self.email_cap,
            caps={str(kind): cap for kind, cap in self.caps.items()},
            apart=self.apart,
            weak_evidence=self.weak_evidence,
            largest=None if self.largest == "off" else self.largest,
            unit=self.unit,
            account_cap=self.account_cap,
            by_hand=by_hand,
        )
