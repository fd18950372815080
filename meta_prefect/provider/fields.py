"""
Definitions of resource kinds: one field table from which everything else follows.

The generic check and diff (`handler`), the Pulumi schema (`schema`) and the tests that hold the
classes of `sdk` to it read these records. They say what a field is, not which requests it becomes:
that is the handler's part.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import Any, Final

from meta_prefect.interfaces.values import has_unknowns

DECLARED: Final = "__declared"
"""Input that lists, sorted, the keys the user gave; all other values are defaults of ours."""


class FieldType(StrEnum):
    """
    What a value may be; the JSON kinds are also taken as JSON text.

    `ANY` is JSON that stays as it is: text is text, and an empty value is not an absent one.
    `SECONDS` is a number or text like `PT1H`. A member of `LIST` is an object.
    """

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    SECONDS = "seconds"
    BOOLEAN = "boolean"
    ANY = "value"
    JSON = "json"
    OBJECT = "object"
    LIST = "list"
    STRING_LIST = "string list"
    STRING_SET = "string set"
    STRING_MAP = "string map"


class Change(Enum):
    """
    What a changed field asks for.

    `REPLACE_DELETE_FIRST`: the natural key stays the same and is unique, so the old one goes first.
    `CREATE_ONLY`: nobody can change it later; a difference is a warning.
    `NONE`: only steers the provider, stored without a request.
    """

    UPDATE = auto()
    REPLACE = auto()
    REPLACE_DELETE_FIRST = auto()
    CREATE_ONLY = auto()
    NONE = auto()

    @property
    def replaces(self) -> bool:
        """Whether a new object has to be made."""
        return self in {Change.REPLACE, Change.REPLACE_DELETE_FIRST}


def _as_is(value: Any) -> Any:
    return value


def _actual(wanted: Any, actual: Any) -> Any:  # noqa: ARG001 - nothing is left alone
    return actual


@dataclass(frozen=True, slots=True)
class Field:
    """
    One input.

    doc: one sentence for manual and schema, with its unit.
    default: filled in by check; None means nothing is.
    filled: check gives it a value when the user gives none, though not always the same.
    left_alone: not given means not managed: no default is filled in, nothing is a difference.
    secret: always stored encrypted and shown masked.
    canonical: brings a known value of the right type into the one form that is compared, and
        raises `ValueError` with the reason when the value will not do.
    identity: tells the members of a list apart, so that a difference is about one of them.
    align: takes a wanted and an actual value and drops from the actual one what the wanted one
        leaves alone.
    """

    name: str
    type: FieldType
    doc: str
    required: bool = False
    default: Any = None
    change: Change = Change.UPDATE
    filled: bool = False
    left_alone: bool = False
    secret: bool = False
    canonical: Callable[[Any], Any] = _as_is
    identity: Callable[[Any], Any] | None = None
    align: Callable[[Any, Any], Any] = _actual

    @property
    def always_has_value(self) -> bool:
        """Whether the inputs of a checked resource have it."""
        has_default = self.default is not None and not self.left_alone
        return self.required or self.filled or has_default

    def read(self, value: Any) -> Any:
        """
        Bring a value into canonical form; one with unknown parts stays as it is.

        Raises:
            ValueError: it will not do; the text is the reason.
        """
        if value is None or has_unknowns(value):
            return value
        return self.canonical(_read_type(self.type, value))


@dataclass(frozen=True, slots=True)
class Output:
    """
    One output beyond the inputs.

    stable: an update in place does not change it.
    optional: it may have no value.
    """

    name: str
    type: FieldType
    doc: str
    stable: bool = True
    secret: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class ResourceKind:
    """
    A resource type.

    token: `prefect:module:Name`.
    import_id: the forms an import takes, for the manual; empty when it cannot be imported.
    """

    token: str
    doc: str
    fields: tuple[Field, ...]
    outputs: tuple[Output, ...]
    import_id: str = ""

    @property
    def name(self) -> str:
        """The class's name."""
        return self.token.rpartition(":")[2]

    def field(self, name: str) -> Field | None:
        """Find an input by name."""
        return next((field for field in self.fields if field.name == name), None)

    def inputs_of(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Keep the inputs among the values of a state, `__declared` included."""
        outputs = {output.name for output in self.outputs} - set(values.get(DECLARED) or ())
        names = {field.name for field in self.fields} - outputs | {DECLARED}
        return {key: value for key, value in values.items() if key in names}

    def outputs_of(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Keep the outputs among the values of a state."""
        names = {output.name for output in self.outputs}
        return {key: value for key, value in values.items() if key in names}


def _read_type(type: FieldType, value: Any) -> Any:
    match type:
        case FieldType.ANY | FieldType.SECONDS:
            return value
        case FieldType.STRING if isinstance(value, str):
            return value
        case FieldType.BOOLEAN if isinstance(value, bool):
            return value
        case FieldType.INTEGER:
            return _read_integer(value)
        case FieldType.NUMBER if isinstance(value, int | float) and not isinstance(value, bool):
            return value
        case FieldType.STRING_LIST if _is_strings(value):
            return list(value)
        case FieldType.STRING_SET if _is_strings(value):
            return sorted(set(value))
        case FieldType.STRING_MAP if isinstance(value, Mapping) and _is_strings([*value.values()]):
            return dict(value)
        case FieldType.JSON | FieldType.OBJECT | FieldType.LIST:
            return _read_json(type, value)
    raise ValueError(f"must be a {type}, not {describe(value)}")


def _read_integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        raise ValueError(f"must be a whole number, not {describe(value)}")
    return int(value)


def _is_strings(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)


def _read_json(type: FieldType, value: Any) -> Any:
    if isinstance(value, str):
        value = _parse_json(type, value)
    if type is FieldType.OBJECT and not isinstance(value, Mapping):
        raise ValueError(f"must be an object, not {describe(value)}")
    if type is FieldType.LIST and not isinstance(value, list):
        raise ValueError(f"must be a list, not {describe(value)}")
    return value


def _parse_json(type: FieldType, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        if type is FieldType.JSON:
            return text
        raise ValueError(f"must be an {type}, or one as JSON text") from None


def describe(value: Any) -> str:
    """Name a value's type in a sentence; never the value, as it may be secret."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
    return "an object"
