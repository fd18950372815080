"""
Flow files: which one an entrypoint means, and how builders are written above its flow.

Files are read as syntax trees and changed as text: what is not touched stays as it is, comments and
blank lines included. Nothing is imported.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path, PurePosixPath
from typing import Final

from meta_prefect.project.migration.expressions import Call, Code, list_parts, render
from meta_prefect.project.migration.records import FlowPlace, Signature

_SOURCE_FOLDERS: Final = ("", "src/")
_ROOM: Final = "meta_prefect"
_FROM: Final = {"datetime": "datetime"}  # modules of which one name is imported
_COMPOSE: Final = ("compose", "meta_prefect.implementations.deployments")

_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Insertion:
    """
    Text to put before a line.

    line: from 1.
    """

    line: int
    text: str


def find_place(entrypoint: str, folder: Path, root: Path) -> FlowPlace | None:
    """
    Find the file that an entrypoint means; None when there is none below the root.

    entrypoint: `file.py:flow`, `package.module.flow` or `package.module:flow`.
    folder: of the prefect.yaml; where it is not found there it is relative to the root, from which
    `prefect deploy --prefect-file` reads it.
    """
    file, _, attribute = entrypoint.rpartition(":")
    if not file:
        file, _, attribute = entrypoint.rpartition(".")
    candidates = [file] if file.endswith(".py") else _list_module_files(file)
    for base, candidate in product((folder, root), candidates):
        path = (base / candidate).resolve()
        if path.is_file() and path.is_relative_to(root):
            return FlowPlace(path.relative_to(root).as_posix(), attribute)
    return None


def list_aliases(place: FlowPlace) -> list[str]:
    """Give second names for a flow, the shorter first."""
    path = PurePosixPath(place.file).with_suffix("")
    return [
        re.sub(r"\W", "_", f"{place.attribute}_of_{where}")
        for where in (path.name, path.as_posix())
    ]


def write_builders(text: str, builders: Mapping[FlowPlace, Sequence[Call]]) -> str:
    """
    Write builders above flows, and their imports.

    text: of the file. builders: by flow, the outermost first.

    Raises:
        KeyError: the file has no such flow.
    """
    tree = ast.parse(text)
    calls = [call for each in builders.values() for call in each]
    names = _choose_names(tree, calls)
    insertions = [_insert(tree, place, each, names) for place, each in builders.items() if each]
    insertions.append(_insert_imports(tree, calls, insertions, names))
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    for item in sorted(insertions, key=lambda item: item.line, reverse=True):
        lines.insert(item.line - 1, item.text)
    return "".join(lines)


def has_builders(text: str, attribute: str) -> bool:
    """Say whether builders are applied to a flow of a file already."""
    tree = ast.parse(text)
    ours = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(_ROOM)
        for alias in node.names
    }
    names = {
        name.id
        for applied in _list_applied(tree, attribute)
        for name in ast.walk(applied)
        if isinstance(name, ast.Name)
    }
    return bool(ours & names)


def _list_applied(tree: ast.Module, attribute: str) -> Iterable[ast.expr]:
    """Give a flow's decorators, and what is called with it under another or the same name."""
    short = attribute.rpartition(".")[2]
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() if node.name == short:
                yield from node.decorator_list
            case ast.Assign(value=ast.Call(func=applied, args=[ast.expr() as flow])):
                if ast.unparse(flow) in (attribute, f"{attribute}.with_options()"):
                    yield applied


def read_signature(text: str, attribute: str) -> Signature:
    """Read what a flow's function takes, and what Prefect describes it with."""
    node = _find_node(ast.parse(text), attribute)
    if not isinstance(node, _Function):
        return Signature()
    arguments = node.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    is_open = arguments.kwarg is not None or arguments.vararg is not None
    names = None if is_open else frozenset(item.arg for item in named)
    return Signature(ast.get_docstring(node) or "", names)


def _list_module_files(module: str) -> list[str]:
    path = module.replace(".", "/")
    return [f"{folder}{path}{end}" for folder in _SOURCE_FOLDERS for end in (".py", "/__init__.py")]


def _insert(
    tree: ast.Module, place: FlowPlace, calls: Sequence[Call], names: Mapping[str, str]
) -> Insertion:
    node = _find_node(tree, place.attribute)
    if isinstance(node, _Function) and not place.alias:
        first = next(filter(_takes_a_flow, node.decorator_list), node)
        indent = " " * node.col_offset
        decorators = "".join(f"{indent}@{render(call, indent, names)}\n" for call in calls)
        return Insertion(first.lineno, decorators)
    whole = render(Call(*_COMPOSE, tuple(reversed(calls))), "", names)
    if place.alias:
        owner = next(item for item in tree.body if node.lineno <= (item.end_lineno or 0))
        copied = f"{place.alias} = {whole}({place.attribute}.with_options())\n"
        return Insertion((owner.end_lineno or owner.lineno) + 1, f"\n\n{copied}")
    end = (node.end_lineno or node.lineno) + 1
    return Insertion(end, f"{place.attribute} = {whole}({place.attribute})\n")


def _takes_a_flow(decorator: ast.expr) -> bool:
    """Say whether a builder may stand above a decorator: it cannot change what these two give."""
    return not (isinstance(decorator, ast.Name) and decorator.id in ("staticmethod", "classmethod"))


def _find_node(tree: ast.Module, attribute: str) -> ast.stmt:
    """Find the last statement that binds a name, as that one counts."""
    body: Sequence[ast.stmt] = tree.body
    *outer, last = attribute.split(".")
    for name in outer:
        owner = _last(node for node in body if isinstance(node, ast.ClassDef) and node.name == name)
        body = owner.body if isinstance(owner, ast.ClassDef) else []
    found = _last(node for node in ast.walk(ast.Module([*body], [])) if _binds(node, last, body))
    if found is None:
        raise KeyError(attribute)
    return found


def _last(nodes: Iterable[ast.AST]) -> ast.stmt | None:
    found = [node for node in nodes if isinstance(node, ast.stmt)]
    return max(found, key=lambda node: node.lineno, default=None)


def _binds(node: ast.AST, name: str, body: Sequence[ast.stmt]) -> bool:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return node.name == name and (node in body or bool(node.decorator_list))
        case ast.Assign(targets=[ast.Name(id=bound)]):
            return bound == name and node in body
    return False


def _choose_names(tree: ast.Module, calls: Sequence[Call]) -> dict[str, str]:
    """Call a builder something else where the file uses its name for another thing."""
    taken = set(_list_bound(tree))
    wanted = {part.name for call in calls for part in list_parts(call) if isinstance(part, Call)}
    return {name: f"{name}_builder" for name in wanted & taken}


def _list_bound(tree: ast.Module) -> Iterable[str]:
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name
            case ast.Name(id=name, ctx=ast.Store()):
                yield name
            case ast.ImportFrom(module=str(module)) if module.startswith(_ROOM):
                continue
            case ast.Import() | ast.ImportFrom():
                yield from (alias.asname or alias.name for alias in node.names)


def _insert_imports(
    tree: ast.Module,
    calls: Sequence[Call],
    insertions: Sequence[Insertion],
    names: Mapping[str, str],
) -> Insertion:
    modules: dict[str, set[str]] = {}
    if any("compose(" in item.text for item in insertions):
        modules[_COMPOSE[1]] = {_COMPOSE[0]}
    for part in (part for call in calls for part in list_parts(call)):
        if isinstance(part, Call):
            modules.setdefault(part.module, set()).add(_rename(part.name, names))
        elif part.module:
            modules.setdefault(part.module, set()).update(_names_of(part))
    present = set(_list_imported(tree))
    lines = [
        line
        for module in sorted(modules, key=lambda module: (module.startswith(_ROOM), module))
        for line in _render_import(module, modules[module], present)
    ]
    return Insertion(_find_import_line(tree), "".join(lines))


def _names_of(code: Code) -> set[str]:
    if code.module.startswith(_ROOM):
        return {code.text}
    return {_FROM[code.module]} if code.module in _FROM else set()


def _rename(name: str, names: Mapping[str, str]) -> str:
    return f"{name} as {names[name]}" if name in names else name


def _list_imported(tree: ast.Module) -> Iterable[tuple[str, str]]:
    for node in tree.body:
        match node:
            case ast.Import():
                yield from ((alias.asname or alias.name, "") for alias in node.names)
            case ast.ImportFrom(module=str(module)):
                yield from ((module, alias.name) for alias in node.names if not alias.asname)


def _render_import(module: str, names: set[str], present: set[tuple[str, str]]) -> list[str]:
    if not names:
        return [] if (module, "") in present else [f"import {module}\n"]
    missing = sorted(name for name in names if (module, name) not in present)
    if not missing:
        return []
    line = f"from {module} import {', '.join(missing)}\n"
    if len(line) <= 89:  # noqa: PLR2004 - the width, and the line's end
        return [line]
    return [f"from {module} import (\n", *(f"    {name},\n" for name in missing), ")\n"]


def _find_import_line(tree: ast.Module) -> int:
    """Give the line after the imports at the top; without any, after the docstring."""
    last = 0
    for node in tree.body:
        match node:
            case ast.Import() | ast.ImportFrom():
                last = node.end_lineno or node.lineno
            case ast.Expr(value=ast.Constant(value=str())) if last == 0:
                last = node.end_lineno or node.lineno
            case _:
                break
    return last + 1
