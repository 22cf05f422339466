"""Parts of a YAML file of ours: no key but the named ones, and bare values for maps."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import (
    BaseModel,
    ConfigDict,
    GetJsonSchemaHandler,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema


class Section(BaseModel):
    """A part of the file: no key but those that are named here."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Shorthand(Section):
    """A part that may be written as the bare value of its main key."""

    bare: ClassVar[str] = "within"

    @model_validator(mode="before")
    @classmethod
    def _spelled_out(cls, given: Any) -> Any:
        return given if isinstance(given, Mapping) else cls.spell_out(given)

    @classmethod
    def spell_out(cls, given: object) -> dict[str, object]:
        """Return the map that a bare value stands for."""
        return {cls.bare: given}

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Allow the bare value in the published schema, too."""
        whole = handler.resolve_ref_schema(handler(core))
        return {"anyOf": [whole, whole["properties"][cls.bare]]}
