"""
The help of a builder: its signature, what it is for, what its arguments mean.

Imports the builder's own module and nothing else; which module of the catalogue that is, is read
from the files' text. Not to be confused with `explanations`, the long texts of error codes.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

_ROOM: Final = "meta_prefect.implementations"
_CLASS: Final = re.compile(r"^class ([A-Za-z]\w*)\((?!TypedDict)", re.MULTILINE)
_OPTIONS: Final = re.compile(r"Unpack\[(\w+)\]")
_STARS: Final[Mapping[Any, str]] = {
    inspect.Parameter.VAR_POSITIONAL: "*",
    inspect.Parameter.VAR_KEYWORD: "**",
}
_ANNOTATION: Final = re.compile(r"\b(?:[a-z_]+\.)+(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class BuilderHelp:
    """
    Help in parts.

    name: as written in a flow file; module: where it is imported from.
    arguments: a line each, `name: type = default`.
    text: what it is for, with examples; details: what the arguments mean, and errors.
    """

    name: str
    module: str
    arguments: tuple[str, ...]
    text: str
    details: str


def list_builders() -> dict[str, str]:
    """Give the modules of the catalogue's builders, by name; imports none of them."""
    spec = find_spec(_ROOM)
    folders = spec.submodule_search_locations if spec is not None else None
    return {
        name: f"{_ROOM}.{path.stem}"
        for folder in folders or ()
        for path in sorted(Path(folder).glob("[a-z]*.py"))
        for name in _CLASS.findall(path.read_text("utf-8"))
    }


def find_builder(name: str, root: Path) -> BuilderHelp | None:
    """
    Find a builder of the catalogue by its name, or another one by module and name.

    root: the project's folder, in which a dotted name is looked for too.
    """
    module = list_builders().get(name, "")
    short = name
    if not module:
        module, _, short = name.rpartition(".")
        if not module:
            return None
    found = _load(module, short, root)
    return None if found is None else _describe(found, short, module)


def _load(module: str, name: str, root: Path) -> Any:
    sys.path.insert(0, str(root))
    try:
        return getattr(import_module(module), name, None)
    except ModuleNotFoundError as error:
        if error.name is not None and module.startswith(error.name):
            return None
        raise
    finally:
        sys.path.remove(str(root))


def _describe(builder: Any, name: str, module: str) -> BuilderHelp:
    if inspect.isfunction(builder):
        arguments = tuple(_list_arguments(builder, _find_options(builder), first=0))
        return BuilderHelp(name, module, arguments, inspect.getdoc(builder) or "", "")
    if not inspect.isclass(builder):
        return BuilderHelp(name, module, (), _describe_made(builder), "")
    maker = builder.__new__ if "__new__" in vars(builder) else builder.__init__
    if maker is object.__init__:
        return BuilderHelp(name, module, (), inspect.getdoc(builder) or "", "")
    options = _find_options(maker)
    texts = (inspect.getdoc(item) for item in (maker, options) if item is not None)
    return BuilderHelp(
        name=name,
        module=module,
        arguments=tuple(_list_arguments(maker, options)),
        text=inspect.getdoc(builder) or "",
        details="\n\n".join(text for text in texts if text),
    )


def _describe_made(builder: Any) -> str:
    """Describe a builder that is made already; of several in one, say which."""
    several = getattr(builder, "builders", ())
    if not several:
        return inspect.getdoc(builder) or ""
    names = ", ".join(type(item).__name__ for item in several)
    return f"Several builders in one, the first applies first: {names}"


def _find_options(maker: Any) -> Any:
    """Find the `TypedDict` whose keys a maker takes as options; None when there is none."""
    for argument in inspect.signature(maker).parameters.values():
        found = _OPTIONS.fullmatch(str(argument.annotation))
        if found:
            return sys.modules[maker.__module__].__dict__[found.group(1)]
    return None


def _list_arguments(maker: Any, options: Any, first: int = 1) -> Iterator[str]:
    """Give the arguments as they are written, the options one by one; a method's from 1 on."""
    for argument in list(inspect.signature(maker).parameters.values())[first:]:
        if _OPTIONS.fullmatch(str(argument.annotation)):
            yield from (f"{key}: {_say(kind)}" for key, kind in options.__annotations__.items())
            continue
        star = _STARS.get(argument.kind, "")
        has_default = argument.default is not argument.empty
        default = f" = {argument.default!r}" if has_default else ""
        has_type = argument.annotation is not argument.empty
        kind = f": {_say(argument.annotation)}" if has_type else ""
        yield f"{star}{argument.name}{kind}{default}"


def _say(annotation: Any) -> str:
    if isinstance(annotation, type):
        return annotation.__name__
    text = getattr(annotation, "__forward_arg__", annotation)
    return _ANNOTATION.sub("", str(text))
