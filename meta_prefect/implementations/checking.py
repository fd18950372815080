"""
Checks of values that builders take, with the builder's name in the message.

Made where the builder is written, so that a mistake shows when its file is imported.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any, Final

_VARIABLE: Final = re.compile(r"[A-Za-z_]\w*")


def check_json(builder: str, values: Mapping[str, Any]) -> None:
    """
    Make sure that Prefect can store values.

    Raises:
        TypeError: one of them has no JSON form.
    """
    for name, value in values.items():
        try:
            json.dumps(value)
        except (TypeError, ValueError) as error:
            raise TypeError(f"{builder}: {name}: {error}") from None


def check_positive(builder: str, **values: float | None) -> None:
    """
    Make sure that numbers are above 0; one that is None was not given.

    Raises:
        TypeError: one of them is no number.
        ValueError: one of them is not above 0, or has no end.
    """
    for name, value in values.items():
        if value is None:
            continue
        check_number(builder, **{name: value})
        if value <= 0:
            raise ValueError(f"{builder}({name}={value}): must be above 0")


def check_number(builder: str, **values: float) -> None:
    """
    Make sure that numbers are numbers.

    Raises:
        TypeError: one of them is something else, such as a text or a yes.
        ValueError: one of them is infinite, or stands for no number.
    """
    for name, value in values.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TypeError(f"{builder}({name}={value!r}): must be a number")
        if not math.isfinite(value):
            raise ValueError(f"{builder}({name}={value}): must be a number with an end")


def check_text(builder: str, **values: str) -> None:
    """
    Make sure that texts say something.

    Raises:
        TypeError: one of them is no text.
        ValueError: one of them is empty.
    """
    for name, value in values.items():
        if not isinstance(value, str):
            raise TypeError(f"{builder}({name}={value!r}): must be a text")
        if not value.strip():
            raise ValueError(f'{builder}({name}="{value}"): must not be empty')


def check_env(builder: str, values: Mapping[str, str] | None) -> dict[str, str]:
    """
    Give environment variables as they are stored.

    Raises:
        TypeError: a value is no text.
        ValueError: a name cannot be one.
    """
    for name, value in (values or {}).items():
        if not _VARIABLE.fullmatch(name):
            raise ValueError(f"{builder}: {name!r} is no name for an environment variable")
        if not isinstance(value, str):
            raise TypeError(f'{builder}: {name} must be a text, such as "{value}"')
    return dict(values or {})
