"""
Readers of the values in triggers and actions: each gives the one form that the server answers.

Every reader raises `Misfit`. Pure. `automation_shapes` says which key has which reader.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from meta_prefect.provider.fields import describe
from meta_prefect.provider.schedules import parse_duration
from meta_prefect.provider.shapes import Misfit
from meta_prefect.provider.world import is_uuid

_SHORTEST_METRIC_SECONDS: Final = 300.0


def read_text(value: Any) -> str:
    """Give text."""
    if not isinstance(value, str):
        raise Misfit(f"must be text, not {describe(value)}")
    return value


def read_flag(value: Any) -> bool:
    """Give a boolean."""
    if not isinstance(value, bool):
        raise Misfit(f"must be a boolean, not {describe(value)}")
    return value


def read_object(value: Any) -> dict[str, Any]:
    """Give an object."""
    if not isinstance(value, Mapping):
        raise Misfit(f"must be an object, not {describe(value)}")
    return dict(value)


def read_set(value: Any) -> list[str]:
    """Give a set of text, sorted: the server keeps no order."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise Misfit(f"must be a list of text, not {describe(value)}")
    return sorted(set(value))


def read_count(value: Any) -> int:
    """Give a whole number, 1 or more; the server takes 0, which always or never fires."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        raise Misfit(f"must be a whole number, not {describe(value)}")
    if value < 1:
        raise Misfit("must be 1 or more")
    return int(value)


def read_number(value: Any) -> float:
    """Give a number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Misfit(f"must be a number, not {describe(value)}")
    return float(value)


def read_seconds(value: Any) -> float:
    """Give seconds, 0 or more, of a number or text like `PT1H`."""
    # The server fails on text in some places, so seconds are always sent as a number.
    seconds = _parse_seconds(value) if isinstance(value, str) else read_number(value)
    if seconds < 0:
        raise Misfit("must be 0 seconds or more")
    return seconds


def _parse_seconds(text: str) -> float:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise Misfit(str(error)) from None


def read_metric_seconds(value: Any) -> float:
    """Give seconds that a metric may look back."""
    seconds = read_seconds(value)
    if seconds < _SHORTEST_METRIC_SECONDS:
        raise Misfit(f"must be {_SHORTEST_METRIC_SECONDS:g} seconds or more")
    return seconds


def read_id(value: Any) -> str:
    """Give the id of a thing."""
    if not isinstance(value, str) or not is_uuid(value):
        raise Misfit("must be a uuid: the id of the thing, not its name")
    return value


def one_of(*words: str) -> Callable[[Any], str]:
    """Make a reader of one of some words."""

    def read(value: Any) -> str:
        if value not in words:
            raise Misfit(f"must be one of {', '.join(words)}")
        return str(value)

    return read


def read_require(value: Any) -> Any:
    """Give how many triggers of a compound have to fire: any, all or a number."""
    if value in ("any", "all"):
        return value
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    if isinstance(value, str):
        raise Misfit("must be any, all or a number of triggers")
    return read_count(value)


def read_match(value: Any) -> dict[str, Any]:
    """Give the labels to match; a list of one value is the value."""
    labels = read_object(value)
    return {label: _read_label(label, wanted) for label, wanted in labels.items()}


def _read_label(label: str, wanted: Any) -> Any:
    if isinstance(wanted, str):
        return wanted
    if not isinstance(wanted, list) or not all(isinstance(item, str) for item in wanted):
        raise Misfit(f"label {label!r} must be text or a list of text")
    if not wanted:
        raise Misfit(f"label {label!r} lists no value, so that nothing ever matches")
    values = sorted(set(wanted))
    return values[0] if len(values) == 1 else values


def read_match_related(value: Any) -> Any:
    """Give the labels to match of related resources, or a list of such."""
    if not isinstance(value, list):
        return read_match(value)
    matches = [read_match(item) for item in value]
    # All of a list have to match: none is the same as a match of everything.
    return matches if len(matches) > 1 else matches[0] if matches else {}


def read_template(value: Any) -> str:
    """Give text that is a Jinja template."""
    from jinja2 import Environment, TemplateSyntaxError

    text = read_text(value)
    try:
        # Only parsed, nothing is rendered here.
        Environment().parse(text)  # noqa: S701
    except TemplateSyntaxError as error:
        raise Misfit(f"is no Jinja template: {error.message}") from None
    return text


def read_templates(value: Any) -> dict[str, Any]:
    """Read parameters, whose texts are templates at any depth."""
    values = read_object(value)
    for key, text in _texts(values):
        try:
            read_template(text)
        except Misfit as error:
            raise Misfit(f"{key!r} {error}") from None
    return values


def _texts(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from _texts(item, f"{key}.{name}" if key else name)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, key)


def read_payload(value: Any) -> str:
    """Give a webhook's payload: text, or an object as its text."""
    # The server keeps text and makes it of an object; equal JSON has one text here.
    parsed = _parse_json(value) if isinstance(value, str) else value
    if isinstance(parsed, Mapping | list):
        return read_template(json.dumps(parsed, indent=2, sort_keys=True))
    return read_template(value)


def _parse_json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
