"""
What a Python file defines, read from its syntax tree: flows, flow decorators, and neither.

Nothing is imported. A name is followed through imports, also into installed packages, until it is
known to come from Prefect's `flow` or not. Not to be confused with `project.loading`, which imports
the one file that was chosen.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Final, TypeAlias

from meta_prefect.project.sources import find_module

_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
_Value: TypeAlias = ast.expr | _Function | ast.ClassDef

_OPAQUE: Final = frozenset({*sys.stdlib_module_names, "pulumi", "pydantic", "pytest", "numpy"})


class Kind(Enum):
    """What an expression is, as far as flows are concerned."""

    FLOW = auto()
    DECORATOR = auto()
    OTHER = auto()


@dataclass(frozen=True, slots=True)
class FlowDefinition:
    """
    A flow that a file defines.

    attribute: name in the file: `my_flow` or `Class.method`.
    flow_name: its name in Prefect, as far as the text says it.
    line: where the definition starts.
    """

    attribute: str
    flow_name: str
    line: int


@dataclass(frozen=True, slots=True)
class _Import:
    module: str
    level: int
    name: str  # empty: the module itself


@dataclass(slots=True)
class _Module:
    """Names that a file binds at its top level, the last binding winning."""

    path: Path
    values: dict[str, _Value] = field(default_factory=dict)
    imports: dict[str, _Import] = field(default_factory=dict)


class SyntaxReader:
    """Reads files and follows names between them; each file is parsed once."""

    def __init__(self, root: Path) -> None:
        """Read below a project's root, and installed packages where a name leads there."""
        self._root = root
        self._modules: dict[Path, _Module] = {}

    def find_definitions(self, path: Path) -> list[FlowDefinition]:
        """
        List the flows of a file, in the order of their lines.

        Raises:
            SyntaxError: the file is not Python.
        """
        module = self._read(path)
        found = [
            FlowDefinition(attribute, self._find_name(module, attribute, value), value.lineno)
            for attribute, value in _candidates(module)
            if self._kind_of_value(module, value, frozenset()) is Kind.FLOW
        ]
        return sorted(found, key=lambda definition: definition.line)

    def _read(self, path: Path) -> _Module:
        if path not in self._modules:
            module = _Module(path)
            for statement in _top_level(ast.parse(path.read_bytes(), str(path)).body):
                _bind(module, statement)
            self._modules[path] = module
        return self._modules[path]

    def _kind_of_value(self, module: _Module, value: _Value, seen: frozenset[object]) -> Kind:
        match value:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                kinds = [self._kind(module, item, seen) for item in value.decorator_list]
                return Kind.FLOW if Kind.DECORATOR in kinds else Kind.OTHER
            case ast.ClassDef():
                return Kind.OTHER
        return self._kind(module, value, seen)

    def _kind(self, module: _Module, node: ast.expr, seen: frozenset[object]) -> Kind:
        match node:
            case ast.Name(id=name):
                return self._kind_of_name(module, name, seen)
            case ast.Attribute(value=ast.Name(id=owner), attr=name) if owner in module.imports:
                imported = module.imports[owner]
                inner = ".".join(part for part in (imported.module, imported.name) if part)
                return self._kind_of_import(module, _Import(inner, imported.level, name), seen)
            case ast.Call():
                return self._kind_of_call(module, node, seen)
        return Kind.OTHER

    def _kind_of_name(self, module: _Module, name: str, seen: frozenset[object]) -> Kind:
        place = (module.path, name)
        if place in seen:
            return Kind.OTHER
        if name in module.values:
            return self._kind_of_value(module, module.values[name], seen | {place})
        if name in module.imports:
            return self._kind_of_import(module, module.imports[name], seen | {place})
        return Kind.OTHER

    def _kind_of_import(self, module: _Module, item: _Import, seen: frozenset[object]) -> Kind:
        package = item.module.split(".")[0]
        if package == "prefect" and not item.level:
            return Kind.DECORATOR if item.name == "flow" else Kind.OTHER
        path = self._find(module, item)
        if path is None or not item.name:
            return Kind.OTHER
        try:
            return self._kind_of_name(self._read(path), item.name, seen)
        except (SyntaxError, OSError):
            return Kind.OTHER

    def _kind_of_call(self, module: _Module, node: ast.Call, seen: frozenset[object]) -> Kind:
        if isinstance(node.func, ast.Attribute) and node.func.attr == "with_options":
            return self._kind(module, node.func.value, seen)
        called = self._kind(module, node.func, seen)
        if called is Kind.DECORATOR:
            return Kind.FLOW if node.args else Kind.DECORATOR
        if called is Kind.FLOW or not self._may_be_builder(module, node.func):
            return Kind.OTHER
        kinds = [self._kind(module, item, seen) for item in node.args]
        return next((kind for kind in kinds if kind is not Kind.OTHER), Kind.OTHER)

    def _may_be_builder(self, module: _Module, func: ast.expr) -> bool:
        """Tell `local_deployer()(flow)` and `partial(flow, ...)` from `print(my_flow)`."""
        match func:
            case ast.Call():
                return True
            case ast.Name(id="partial") | ast.Attribute(attr="partial"):
                return True
            case ast.Name(id=name):
                return isinstance(module.values.get(name), ast.Call) or name in module.imports
        return False

    def _find_name(self, module: _Module, attribute: str, value: _Value) -> str:
        """Find `name="..."` in the calls that make the flow; else Prefect's default."""
        roots = value.decorator_list if isinstance(value, _Function) else [value]
        for node in (node for root in roots for node in ast.walk(root)):
            if isinstance(node, ast.Call) and self._makes_flow(module, node.func):
                for keyword in node.keywords:
                    if keyword.arg == "name" and isinstance(keyword.value, ast.Constant):
                        return str(keyword.value.value)
                if (copied := self._find_copied(module, node)) is not None:
                    return self._find_name(module, *copied)
        return attribute.rsplit(".", 1)[-1].replace("_", "-")

    def _find_copied(self, module: _Module, node: ast.Call) -> tuple[str, _Value] | None:
        """Find the flow of the file that `flow.with_options()` copies, its name included."""
        match node.func:
            case ast.Attribute(attr="with_options", value=ast.Name(id=name)):
                return (name, module.values[name]) if name in module.values else None
        return None

    def _makes_flow(self, module: _Module, func: ast.expr) -> bool:
        """Tell `flow(name=...)` from a builder that has a name of its own."""
        match func:
            case ast.Attribute(attr="with_options" | "partial") | ast.Name(id="partial"):
                return True
        return self._kind(module, func, frozenset()) is Kind.DECORATOR

    def _find(self, module: _Module, item: _Import) -> Path | None:
        found = find_module(item.module, item.level, module.path, self._root)
        if found is not None:
            return found
        if item.level:
            return _find_beside(module.path, item)
        return _find_installed(item.module)


def _find_beside(importer: Path, item: _Import) -> Path | None:
    """Follow a relative import inside an installed package."""
    return find_module(item.module, item.level, importer, importer.parents[item.level - 1])


def _find_installed(name: str) -> Path | None:
    """Find an installed module's file without importing its packages."""
    if name.split(".", maxsplit=1)[0] in _OPAQUE:
        return None
    search: list[str] | None = None
    spec = None
    for number in range(1, name.count(".") + 2):
        spec = PathFinder.find_spec(".".join(name.split(".")[:number]), search)
        if spec is None:
            return None
        search = list(spec.submodule_search_locations or ())
    origin = spec.origin if spec is not None else None
    return Path(origin) if origin and origin.endswith(".py") else None


def _top_level(statements: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Give what runs on import, `if` and `try` opened; what is for `__main__` only is left out."""
    for statement in statements:
        match statement:
            case ast.If(test=ast.Compare(left=ast.Name(id="__name__"))):
                yield from _top_level(statement.orelse)
            case ast.If():
                yield from _top_level([*statement.body, *statement.orelse])
            case ast.Try():
                handlers = [item for handler in statement.handlers for item in handler.body]
                yield from _top_level([*statement.body, *handlers, *statement.orelse])
            case ast.With():
                yield from _top_level(statement.body)
            case _:
                yield statement


def _bind(module: _Module, statement: ast.stmt) -> None:
    match statement:
        case ast.Import():
            for alias in statement.names:
                name = alias.name if alias.asname else alias.name.split(".")[0]
                module.imports[alias.asname or name] = _Import(name, 0, "")
        case ast.ImportFrom():
            for alias in statement.names:
                item = _Import(statement.module or "", statement.level, alias.name)
                module.imports[alias.asname or alias.name] = item
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            module.values[statement.name] = statement
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            _assign(module, name, value)
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            _assign(module, name, value)


def _assign(module: _Module, name: str, value: ast.expr) -> None:
    """Bind a name; in `flow = builder()(flow)` the name inside means what it meant before."""
    before = module.values.get(name)
    if before is not None or name in module.imports:
        hidden = f"{name}@{value.lineno}"
        if before is not None:
            module.values[hidden] = before
        else:
            module.imports[hidden] = module.imports[name]
        for node in ast.walk(value):
            if isinstance(node, ast.Name) and node.id == name:
                node.id = hidden
    module.values[name] = value


def _candidates(module: _Module) -> Iterator[tuple[str, _Value]]:
    """Give everything that may be a flow; a second name for one thing is left out."""
    for name, value in module.values.items():
        if "@" in name or isinstance(value, ast.Name):
            continue
        yield name, value
        if isinstance(value, ast.ClassDef):
            for item in value.body:
                if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield f"{name}.{item.name}", item
