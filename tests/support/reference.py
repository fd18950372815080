"""
The manual's tables of kinds and functions, from the tables that the provider works by.

META_PREFECT_ACCEPT=1 with `tests/unit/provider/test_reference.py` writes the file anew.
"""

import json

from meta_prefect.provider.automation_shapes import ACTIONS, TRIGGERS
from meta_prefect.provider.fields import Change

_CHANGES = {
    Change.UPDATE: "update",
    Change.REPLACE: "replace",
    Change.REPLACE_DELETE_FIRST: "replace, old one first",
    Change.CREATE_ONLY: "only when made",
    Change.NONE: "-",
}
_MODULES = {
    "index": "What a Prefect server holds",
    "local": "What runs on this machine",
    "cloud": "What only Prefect Cloud holds",
}
_START = """\
# The Prefect provider: kinds and functions

This file is written from the tables in `handlers` and `functions`: change those, and accept it.

Required inputs are in **bold**. An input that is "left alone" is not managed when it is not given:
what people set in its place stays. Python spells names with underscores (`workPoolName` is
`work_pool_name`); the keys inside of JSON values are the API's. Secret inputs and outputs are
encrypted in state and masked wherever they would be shown.
"""


def render_reference(kinds, functions):
    """Write the file."""
    parts = [_START]
    for module, title in _MODULES.items():
        parts.append(f"## {title}\n")
        parts += [
            _render_kind(kind)
            for kind in sorted(kinds, key=lambda kind: kind.name)
            if kind.token.split(":")[1] == module
        ]
    parts.append("## Triggers and actions of automations\n")
    parts += [_render_family(family) for family in (TRIGGERS, ACTIONS)]
    parts.append("## Functions\n")
    parts += [_render_function(function) for function in functions]
    return "\n".join(parts)


def _render_kind(kind):
    rows = [
        (
            f"**{field.name}**" if field.required else field.name,
            _type(field),
            _default(field),
            _CHANGES[field.change],
            field.doc,
        )
        for field in kind.fields
    ]
    lines = [f"### `{kind.token}`", "", kind.doc, ""]
    lines += _table(("input", "type", "default", "change", ""), rows)
    inputs = {field.name for field in kind.fields}
    outputs = [output for output in kind.outputs if output.name not in inputs]
    if outputs:
        shown = [(output.name, _type(output), output.doc) for output in outputs]
        lines += ["", *_table(("output", "type", ""), shown)]
    lines += ["", f"Import id: {kind.import_id}." if kind.import_id else "Cannot be imported.", ""]
    return "\n".join(lines)


def _render_function(function):
    lines = [f"### `{function.token}`", "", function.doc, ""]
    arguments = [
        (f"**{item.name}**" if item.required else item.name, _type(item), _default(item), item.doc)
        for item in function.arguments
    ]
    if arguments:
        lines += [*_table(("argument", "type", "default", ""), arguments), ""]
    results = [(item.name, _type(item), item.doc) for item in function.results]
    return "\n".join([*lines, *_table(("result", "type", ""), results), ""])


def _render_family(family):
    rows = [
        (
            f"`{name}`" + (", Cloud only" if shape.cloud_only else ""),
            ", ".join(_render_part(key, part) for key, part in shape.parts.items()),
        )
        for name, shape in family.shapes.items()
    ]
    return "\n".join([*_table((family.noun, "keys, with what they are when left out"), rows), ""])


def _render_part(key, part):
    return f"**{key}**" if part.required else f"{key} (`{json.dumps(part.default)}`)"


def _type(item):
    return f"{item.type}, secret" if item.secret else str(item.type)


def _default(field):
    if field.left_alone:
        return "left alone"
    return "" if field.default is None else f"`{json.dumps(field.default)}`"


def _table(heads, rows):
    escaped = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    return [
        f"| {' | '.join(heads)} |",
        f"| {' | '.join('---' for _ in heads)} |",
        *(f"| {' | '.join(row)} |" for row in escaped),
    ]
