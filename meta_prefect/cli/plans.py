"""
Plans: what a preview showed, kept in a file, and whether a later preview stays inside of it.

A plan holds no values, only a digest of each resource's inputs, so that it can lie among a CI run's
results. Not to be confused with `project.planning`, which decides what an operation covers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from meta_prefect.cli.options import Call
from meta_prefect.cli.views.json import build_value
from meta_prefect.cli.views.picture import Picture, Row
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError

SCHEMA: Final = "meta-prefect.plan.v1"
_SCOPE: Final = ("only", "excluded", "replaced", "refresh")
_SHOWN: Final = 5
# Inputs that a provider made up, and will make up anew: a bridged one lists them.
_DEFAULTS: Final = "__defaults"
_AUTONAMED: Final = "pulumi.com/autonamed"


@dataclass(frozen=True, slots=True)
class Plan:
    """
    What may be done.

    flows: as they were named; empty: the whole project.
    scope: the flags that narrow it down further, by their fields in `Operating`.
    steps: word and digest of the inputs, by URN.
    """

    project: str
    stack: str
    flows: tuple[str, ...]
    scope: Mapping[str, Any]
    steps: Mapping[str, tuple[str, str]]

    def direct(self, call: Call) -> Call:
        """
        Give the call that is about what the plan is about, and asks nothing.

        Raises:
            MetaPrefectError: MP3902, it names something else.
        """
        if call.words and call.words != self.flows:
            wanted = ", ".join(call.words)
            raise _beyond(f"the plan is not about {wanted}", f"it is about {self._subject}")
        operating = replace(
            call.operating, **self.scope, yes=True, everything=not self.flows, plan=""
        )
        everywhere = replace(call.everywhere, stack=call.everywhere.stack or self.stack)
        return replace(call, words=self.flows, operating=operating, everywhere=everywhere)

    @property
    def _subject(self) -> str:
        return ", ".join(self.flows) or "the whole project"

    def check(self, project: str, stack: str, picture: Picture) -> None:
        """
        Make sure that a preview shows nothing that is not in the plan; less is fine.

        Raises:
            MetaPrefectError: MP3902.
        """
        if (project, stack) != (self.project, self.stack):
            why = f"it is for stack {self.stack} of {self.project}"
            raise _beyond(f"the plan is not for stack {stack} of {project}", why)
        problems = list(self._find_problems(picture))
        if problems:
            more = len(problems) - _SHOWN
            lines = [*problems[:_SHOWN], *([f"and {more} more"] if more > 0 else [])]
            raise _beyond("there is more to do now than the plan says", "\n".join(lines))

    def _find_problems(self, picture: Picture) -> Iterator[str]:
        for row in picture.changes:
            sign, digest = _describe(row)
            if row.urn not in self.steps:
                yield f"{row.name}: {row.sign.word}, and the plan has nothing for it"
            elif self.steps[row.urn][0] != sign:
                yield f"{row.name}: {row.sign.word}, and the plan says {self.steps[row.urn][0]}"
            elif self.steps[row.urn][1] != digest:
                yield f"{row.name}: {row.sign.word}, to other inputs than in the plan"


def build_plan(project: str, stack: str, call: Call, picture: Picture) -> Plan:
    """Make the plan of a preview."""
    scope = {name: getattr(call.operating, name) for name in _SCOPE}
    steps = {row.urn: _describe(row) for row in picture.changes}
    return Plan(project, stack, call.words, scope, steps)


def write_plan(path: str, plan: Plan) -> None:
    """
    Write a plan.

    Raises:
        MetaPrefectError: MP1316, the file cannot be written.
    """
    document = {
        "schema": SCHEMA,
        "project": plan.project,
        "stack": plan.stack,
        "flows": list(plan.flows),
        "scope": dict(plan.scope),
        "steps": [
            {"urn": urn, "op": sign, "inputs": digest} for urn, (sign, digest) in plan.steps.items()
        ],
    }
    try:
        Path(path).write_text(json.dumps(document, indent=2) + "\n", "utf-8")
    except OSError as error:
        raise _unusable(path, "written", error.strerror or str(error)) from error


def read_plan(path: str) -> Plan:
    """
    Read a plan.

    Raises:
        MetaPrefectError: MP1316, the file cannot be read or holds no plan.
    """
    try:
        document = json.loads(Path(path).read_text("utf-8"))
        return _parse(document)
    except OSError as error:
        raise _unusable(path, "read", error.strerror or str(error)) from error
    except (ValueError, KeyError, TypeError) as error:
        raise _unusable(path, "read", "it is no plan") from error


def _parse(document: Mapping[str, Any]) -> Plan:
    if document["schema"] != SCHEMA:
        raise ValueError(document["schema"])
    steps = {item["urn"]: (item["op"], item["inputs"]) for item in document["steps"]}
    scope = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in document["scope"].items()
        if name in _SCOPE
    }
    flows = tuple(document["flows"])
    return Plan(document["project"], document["stack"], flows, scope, steps)


def _describe(row: Row) -> tuple[str, str]:
    inputs = row.step.new.inputs if row.step.new is not None else {}
    text = json.dumps(_leave_out_made_up(build_value(inputs)), sort_keys=True)
    return row.sign.word, hashlib.sha256(text.encode()).hexdigest()[:16]


def _leave_out_made_up(value: Any) -> Any:
    match value:
        case dict():
            made_up = {*value.get(_DEFAULTS, ()), _DEFAULTS}
            if _AUTONAMED in (value.get("annotations") or {}):
                made_up.add("name")
            return {k: _leave_out_made_up(v) for k, v in value.items() if k not in made_up}
        case list():
            return [_leave_out_made_up(item) for item in value]
    return value


def _beyond(summary: str, why: str) -> MetaPrefectError:
    return MetaPrefectError(
        "MP3902",
        summary,
        why=f"{why}\nnothing was applied",
        fixes=("meta-prefect preview --save-plan FILE",),
        exit_code=ExitCode.MOVED,
    )


def _unusable(path: str, how: str, why: str) -> MetaPrefectError:
    return MetaPrefectError(
        "MP1316",
        f"the plan {path} cannot be {how}",
        why=why,
        fixes=(f"meta-prefect preview --save-plan {path}",) if how == "read" else (),
        exit_code=ExitCode.USAGE,
    )
