"""
`checked`: lets a builder refuse an argument of another type than it says, in its own name.

Reads annotations when a builder is made, not when its module is imported. Whether a value of the
right type will do is the builder's own business (`implementations.checking`).
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import NoneType, UnionType
from typing import Any, Final, Literal, ParamSpec, TypeVar, Union, get_args, get_origin
from typing import get_type_hints as find_hints

from meta_prefect.interfaces.components import Existing

P = ParamSpec("P")
R = TypeVar("R")

_NUMBERS: Final[Mapping[object, tuple[type, ...]]] = {float: (int, float), int: (int,)}
_WORDS: Final[Mapping[object, str]] = {
    str: "a text",
    float: "a number",
    int: "a whole number",
    bool: "True or False",
    Existing: 'existing("NAME")',
    Mapping: "a mapping",
    Sequence: "a list",
    Iterable: "a list",
    Callable: "a function",
}


def checked(make: Callable[P, R]) -> Callable[P, R]:
    """
    Check the arguments of an `__init__` or a `__new__` before it is called.

    What it makes raises a TypeError with the builder's name, the argument and what it may be.
    """
    signature = inspect.signature(make)

    @functools.wraps(make)
    def check_and_make(*args: P.args, **kwargs: P.kwargs) -> R:
        _check_brackets(args)
        try:
            given = signature.bind(*args, **kwargs).arguments
        except TypeError:
            return make(*args, **kwargs)  # Python itself says what is missing or too much
        builder, *names = given
        name = _find_name(given[builder])
        for key in names:
            for told, value, hint in _list_values(signature, make, key, given[key]):
                _check(name, told, value, hint)
        return make(*args, **kwargs)

    return check_and_make


def _check_brackets(args: Sequence[Any]) -> None:
    """Tell `@cron` above a flow from `@cron(...)`."""
    match args:
        case [owner, only] if hasattr(only, "with_options") and hasattr(only, "fn"):
            name = _find_name(owner)
            raise TypeError(f"@{name}: write @{name}(...), with brackets")


def _find_name(owner: Any) -> str:
    """Give the builder's name; `__new__` gets the class, `__init__` what is made of it."""
    return owner.__name__ if isinstance(owner, type) else type(owner).__name__


def _list_values(
    signature: inspect.Signature, make: Callable[..., Any], key: str, value: Any
) -> Iterator[tuple[str, Any, Any]]:
    """Give what was passed as one argument: its name as written, the value, its annotation."""
    hint = _find_hints(make).get(key, Any)
    match signature.parameters[key].kind:
        case inspect.Parameter.VAR_POSITIONAL:
            yield from (("", item, hint) for item in value)
        case inspect.Parameter.VAR_KEYWORD:
            options = find_hints(get_args(hint)[0]) if get_args(hint) else {}
            known = options or dict.fromkeys(value, hint)
            yield from ((name, item, known.get(name, Any)) for name, item in value.items())
        case inspect.Parameter.POSITIONAL_ONLY:
            yield "", value, hint
        case _:
            yield key, value, hint


@functools.cache
def _find_hints(make: Callable[..., Any]) -> Mapping[str, Any]:
    return find_hints(make)


def _check(builder: str, name: str, value: Any, hint: Any) -> None:
    if _fits(value, hint):
        return
    told = f"{name}=" if name else ""
    if isinstance(value, str) and get_origin(hint) in (Sequence, Iterable):
        raise TypeError(f'{builder}({told}"{value}"): a list, such as ("{value}",)')
    words = " or ".join(dict.fromkeys(_list_words(hint)))
    raise TypeError(f"{builder}({told}{value!r}): must be {words}")


def _fits(value: Any, hint: Any) -> bool:
    origin, inner = get_origin(hint), get_args(hint)
    if hint is Any:
        return True
    if origin in (Union, UnionType):
        return any(_fits(value, item) for item in inner)
    if origin is Literal:
        return isinstance(value, tuple(type(item) for item in inner))
    if origin in (Sequence, Iterable):
        is_list = isinstance(value, origin) and not isinstance(value, str | bytes | Mapping)
        return is_list and (origin is Iterable or all(_fits(item, inner[0]) for item in value))
    if hint in _NUMBERS:
        return isinstance(value, _NUMBERS[hint]) and not isinstance(value, bool)
    kind = origin or hint
    return isinstance(value, kind) if isinstance(kind, type) else True


def _list_words(hint: Any) -> Iterator[str]:
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        for item in inner:
            yield from _list_words(item)
    elif origin is Literal:
        yield from (f'"{item}"' for item in inner if item)
    elif hint is not NoneType:
        kind = origin or hint
        yield _WORDS.get(kind, getattr(kind, "__name__", str(kind)))
