"""
The text of a class of `provider.sdk`, from the field table of its kind.

So that a field is written once. META_PREFECT_ACCEPT=1 with `tests/unit/provider/sdk` writes the
files anew.
"""

import json
import re
import subprocess
import sys

from meta_prefect.provider.fields import Change, FieldType
from meta_prefect.provider.names import snake_case

_INPUTS = {
    FieldType.STRING: "str",
    FieldType.INTEGER: "int",
    FieldType.NUMBER: "float",
    FieldType.SECONDS: "float | str",
    FieldType.BOOLEAN: "bool",
    FieldType.ANY: "Any",
    FieldType.JSON: "Any",
    FieldType.OBJECT: "Mapping[str, Any]",
    FieldType.LIST: "Sequence[pulumi.Input[Mapping[str, Any]]]",
    FieldType.STRING_LIST: "Sequence[pulumi.Input[str]]",
    FieldType.STRING_SET: "Sequence[pulumi.Input[str]]",
    FieldType.STRING_MAP: "Mapping[str, pulumi.Input[str]]",
}
_OUTPUTS = _INPUTS | {
    FieldType.SECONDS: "float",
    FieldType.LIST: "list[Mapping[str, Any]]",
    FieldType.STRING_LIST: "list[str]",
    FieldType.STRING_SET: "list[str]",
    FieldType.STRING_MAP: "Mapping[str, str]",
}
_ONE_LINE = 90
_CHANGES = {Change.REPLACE: " Replaces.", Change.REPLACE_DELETE_FIRST: " Replaces, old one first."}


def render_class(kind):
    """Write the module of one kind."""
    noun = snake_case(kind.name).replace("_", " ")
    body = "\n".join(
        [
            f"class {kind.name}(PrefectResource):",
            *_docstring(_class_doc(kind), "    "),
            "",
            f'    pulumi_type: ClassVar[str] = "{kind.token}"',
            "",
            *_properties(kind),
            "",
            *_constructor(kind, f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"),
        ]
    )
    return _format("\n".join([f'"""{_first_sentence(kind.doc)}"""', "", *_imports(body), "", body]))


def _imports(body):
    collections = [name for name in ("Mapping", "Sequence") if f"{name}[" in body]
    helpers = ["PrefectResource", *(["as_secret"] if "as_secret(" in body else [])]
    any_ = "Any, " if "[Any" in body or ", Any]" in body else ""
    return [
        "from __future__ import annotations",
        "",
        *([f"from collections.abc import {', '.join(collections)}"] if collections else []),
        f"from typing import {any_}ClassVar",
        "",
        "import pulumi",
        "",
        f"from meta_prefect.provider.sdk.resource import {', '.join(helpers)}",
        "",
    ]


def _properties(kind):
    inputs = {field.name for field in kind.fields}
    told = {output.name for output in kind.outputs}
    for field in kind.fields:
        yield _property(field, may_lack=not field.always_has_value and field.name not in told)
    for output in kind.outputs:
        if output.name not in inputs:
            yield _property(output, may_lack=output.optional)


def _property(item, *, may_lack):
    name = snake_case(item.name)
    spelling = "" if name == item.name else f' = pulumi.property("{item.name}")'
    type = _OUTPUTS[item.type]
    optional = " | None" if may_lack and type != "Any" else ""
    return f"    {name}: pulumi.Output[{type}{optional}]{spelling}"


def _constructor(kind, noun):
    fields = sorted(kind.fields, key=lambda field: not field.required)
    yield from ("    def __init__(", "        self,", "        resource_name: str,", "        *,")
    for field in fields:
        optional = "" if field.required else " | None = None"
        yield f"        {snake_case(field.name)}: pulumi.Input[{_INPUTS[field.type]}]{optional},"
    yield "        opts: pulumi.ResourceOptions | None = None,"
    yield "    ) -> None:"
    lines = [f"Declare {noun}.", "", "Args:", "    resource_name: Logical name."]
    lines += [f"    {snake_case(field.name)}: {_doc(kind, field)}" for field in fields]
    yield from _docstring("\n".join([*lines, "    opts: Pulumi's resource options."]), "        ")
    yield "        super().__init__("
    yield "            resource_name,"
    yield "            opts,"
    for field in fields:
        name = snake_case(field.name)
        yield f"            {name}={f'as_secret({name})' if field.secret else name},"
    yield "        )"


def _class_doc(kind):
    """Put what follows the first sentence into a paragraph of its own, where it is long."""
    text = _in_python(kind, kind.doc)
    first, _, rest = text.partition(". ")
    return f"{first}.\n\n{rest}" if rest and len(text) > _ONE_LINE else text


def _doc(kind, field):
    is_said = field.default in (None, {}, []) or field.left_alone or "default" in field.doc
    default = "" if is_said else f" Default: {json.dumps(field.default)}."
    secret = " Stored as a secret." if field.secret else ""
    change = _CHANGES.get(field.change, "")
    return f"{_in_python(kind, field.doc)}{secret}{default}{change}"


def _in_python(kind, text):
    """Spell the kind's own names as Python does; what is in JSON has other names."""
    names = {item.name for item in (*kind.fields, *kind.outputs)}
    return re.sub(r"`(\w+)`", lambda m: f"`{_spell(m[1], names)}`", text)


def _spell(name, names):
    return snake_case(name) if name in names else name


def _first_sentence(text):
    return text.partition(". ")[0].rstrip(".") + "."


def _docstring(text, indent):
    lines = [part for line in text.split("\n") for part in _wrap(line, 100 - len(indent))]
    if len(lines) == 1 and len(lines[0]) + len(indent) + 6 <= 100:
        return [f'{indent}"""{lines[0]}"""']
    return [f"{indent}{line}".rstrip() for line in ('"""', *lines, '"""')]


def _wrap(line, width):
    if len(line) <= width:
        return [line]
    lead = " " * (len(line) - len(line.lstrip()))
    deeper, words, lines = f"{lead}    " if lead else "", line.split(), []
    current = lead + words[0]
    for word in words[1:]:
        if len(current) + 1 + len(word) > width:
            lines.append(current)
            current = deeper + word
        else:
            current += f" {word}"
    return [*lines, current]


def _format(text):
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--line-length", "100", "-"],
        input=text,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout
