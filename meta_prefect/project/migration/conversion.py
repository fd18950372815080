"""
From one deployment of prefect.yaml to the call of `deployment` with all its builders.

Pure but for the environment, which templates read. What the file leaves open is taken from what is
deployed; a field that differs from it afterwards is kept as it is (`keep`), and named.

Source: `prefect.cli.deploy` of Prefect 3.8.8.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from meta_prefect.project.migration.build_outputs import fill_in_outputs
from meta_prefect.project.migration.code_calls import convert_pull, find_folder
from meta_prefect.project.migration.expressions import Call, Code, evaluate, list_parts
from meta_prefect.project.migration.marked_yaml import MarkedMap
from meta_prefect.project.migration.parameter_calls import convert_parameters
from meta_prefect.project.migration.records import (
    ConvertedDeployment,
    Deployed,
    Finding,
    FlowPlace,
    Signature,
    YamlDeployment,
)
from meta_prefect.project.migration.schedule_calls import SCHEDULES, ScheduleConverter
from meta_prefect.project.migration.templates import MISSING, convert_value, has_template
from meta_prefect.project.migration.trial import try_call
from meta_prefect.project.migration.trigger_calls import convert_triggers

_ROOM: Final = "meta_prefect.implementations"
_EXISTING: Final = "meta_prefect.interfaces.components"
_KNOWN: Final = frozenset(
    {
        *("name", "version", "tags", "description", "schedule", "schedules", "paused"),
        *("concurrency_limit", "flow_name", "entrypoint", "parameters", "pull", "work_pool"),
        *("enforce_parameter_schema", "triggers", "build", "push"),
    }
)
_CLOUD: Final = "is for Prefect Cloud"
_REASONS: Final = {
    "sla": _CLOUD,
    "version_type": _CLOUD,
    "is_schedule_active": "is of Prefect 2, paused is what Prefect 3 reads",
}
_FIELDS: Final = {  # what is called otherwise than the field that it comes from
    "code_image": "pull",
    "code_local": "pull",
    "describer": "description",
    "enforce_schema": "enforce_parameter_schema",
    "job_variables": "work_pool",
    "limit": "concurrency_limit",
    "pull_steps": "pull",
    "versioneer": "version",
    "work_queue": "work_pool",
}
_SWITCHES: Final = {
    **dict.fromkeys(("true", "yes", "on", "1"), True),
    **dict.fromkeys(("false", "no", "off", "0"), False),
}
_POOL_KEYS: Final = frozenset({"name", "work_queue_name", "job_variables"})
_READ_AT_UP: Final = frozenset({"job_variables", "parameters"})
_FORBIDDEN: Final = re.compile(r"[/%&<>:*]")  # in names of our own; Prefect takes some of them
_TAKEN: Final = frozenset({"flow", "deployment"})
_STRATEGIES: Final = {"ENQUEUE": "enqueue", "CANCEL_NEW": "cancel_new"}


class Converter:
    """
    Converts one deployment.

    findings: what it could not convert, after `convert`.
    """

    def __init__(
        self,
        deployment: YamlDeployment,
        place: FlowPlace,
        folder: Path,
        root: Path,
        pools: Mapping[str, str],
        deployed: Deployed | None,
        signature: Signature | None = None,
    ) -> None:
        """
        Keep what is known.

        folder: of the file. root: of the project. pools: types of Prefect's work pools, by name.
        deployed: what Prefect has of it; None: nothing.
        signature: of the flow's function; None: nobody knows it.
        """
        self._signature = signature or Signature()
        self._deployment = fill_in_outputs(deployment)
        self._values = self._deployment.values
        self._place = place
        self._folder = folder
        self._root = root
        self._pools = pools
        self._deployed = deployed
        self._row: Mapping[str, Any] = deployed.row if deployed else {}
        self.findings: list[Finding] = []

    def convert(self) -> ConvertedDeployment:
        """Give the call of `deployment` that says the same."""
        name = self._deployment.name
        own = _FORBIDDEN.sub("-", f"{name}-deployment" if name in _TAKEN else name).strip()
        namer = "{name}" if own == name else name.replace("{", "{{").replace("}", "}}")
        rules = self._deployed.rules if self._deployed else {}
        automations = list(convert_triggers(self._values, name, rules, self._say))
        made = [
            Call("namer", f"{_ROOM}.metadata", (namer,)),
            *self._convert_place(),
            *self._convert_text(),
            *self._convert_runs(),
        ]
        calls = [
            good for call in made for good in try_call(call, self._say, self._find_line(call.name))
        ]
        calls += [call for _, call in automations]
        self._name_the_rest()
        calls += self._keep(calls)
        return ConvertedDeployment(
            name=own,
            place=self._place,
            call=Call("deployment", f"{_ROOM}.deployments", (own, *calls)),
            automations={label: str(call.arguments[0]) for label, call in automations},
            deployed=self._deployed,
        )

    def _find_line(self, name: str) -> int:
        """Give the line of the field that a builder, or a field of Prefect, comes from."""
        return self._values.lines.get(_FIELDS.get(name, name), self._values.line)

    def _convert_place(self) -> Iterator[Call]:
        """Say where the code is and where it runs; the code first, as a pool has a default."""
        folders = (self._folder, self._root)
        yield convert_pull(self._deployment, folders, self._row or None, self._say)
        entrypoint = str(self._values.get("entrypoint"))
        if entrypoint != f"{self._place.file}:{self._place.name}":
            yield Call("entrypoint", f"{_ROOM}.code", (entrypoint,))
        pool = self._values.get("work_pool")
        if isinstance(pool, MarkedMap):
            yield from self._convert_pool(pool, pool.lines)
            return
        if pool:
            self._say(self._values.lines["work_pool"], "work_pool is a mapping with a name")
        named = {"name": str(pool)} if pool else {}
        yield from self._convert_pool(named, dict.fromkeys(named, self._find_line("work_pool")))

    def _convert_pool(self, pool: Mapping[str, Any], lines: Mapping[str, int]) -> Iterator[Call]:
        name = evaluate(self._take(pool, "name", lines, self._row.get("work_pool_name", MISSING)))
        name = name or self._row.get("work_pool_name")
        if name:
            yield self._build_pool(str(name), lines.get("name", 0))
        else:
            self._say(self._values.line, "no work pool is named: no worker runs it")
        queue = str(self._take(pool, "work_queue_name", lines) or "")
        if queue and name in self._pools:
            existing = Call("existing", _EXISTING, (queue,))
            yield Call("work_queue", f"{_ROOM}.limits", (existing,))
        elif queue:
            yield Call("work_queue", f"{_ROOM}.limits", (queue,))
        variables = self._take(
            pool, "job_variables", lines, self._row.get("job_variables", MISSING)
        )
        if isinstance(variables, Mapping) and variables:
            yield Call("job_variables", f"{_ROOM}.infra", (), variables)
        elif variables:
            self._say(lines["job_variables"], f"job_variables is a mapping, not {variables!r}")
        for key in pool.keys() - _POOL_KEYS:
            self._say(lines.get(key, 0), f"work_pool has no {key} in Prefect 3: left out")

    def _build_pool(self, name: str, line: int) -> Call:
        kind = self._pools.get(name, "process")
        options = {} if kind == "process" else {"type": kind}
        if name in self._pools:
            existing = Call("existing", _EXISTING, (name,))
            return Call("work_pool", f"{_ROOM}.work_pools", (existing,), options)
        text = f"there is no work pool {name} yet: one of type process will be made"
        self._say(line, f"{text}, and worker() would run it here")
        return Call("work_pool", f"{_ROOM}.work_pools", (name,), options)

    def _convert_text(self) -> Iterator[Call]:
        version = self._take(self._values, "version", self._values.lines)
        if version:
            yield Call("versioneer", f"{_ROOM}.metadata", (), {"version": str(version)})
        tags = self._take(self._values, "tags", self._values.lines)
        if tags:
            each = [str(tag) for tag in (tags if isinstance(tags, list) else [tags]) if tag]
            yield Call("tags", f"{_ROOM}.metadata", tuple(each))
        description = self._take(self._values, "description", self._values.lines)
        if description:
            yield Call("describer", f"{_ROOM}.metadata", (str(description),))

    def _convert_runs(self) -> Iterator[Call]:
        parameters = self._take(
            self._values,
            "parameters",
            self._values.lines,
            self._row.get("parameters", MISSING),
        )
        line = self._find_line("parameters")
        yield from convert_parameters(parameters, self._signature, partial(self._say, line))
        if self._read_switch("enforce_parameter_schema") is False:
            yield Call("enforce_schema", f"{_ROOM}.parameters", (False,))
        rows = list(self._row.get("schedules") or ())
        yield from ScheduleConverter(self._say, rows).convert(self._values)
        paused = self._read_switch("paused")
        if paused is not None and (paused or self._row.get("paused") is not False):
            yield Call("paused", f"{_ROOM}.running", () if paused else (False,))
        yield from self._convert_limit()

    def _read_switch(self, key: str) -> bool | None:
        """Read a yes or no, which YAML of old also writes as a text."""
        value = self._values.get(key)
        read = _SWITCHES.get(str(value).strip().lower())
        if value is not None and read is None:
            self._say(self._values.lines[key], f"{key} is neither true nor false: left out")
        return read

    def _convert_limit(self) -> Iterator[Call]:
        limit = self._values.get("concurrency_limit")
        values = limit if isinstance(limit, Mapping) else {"limit": limit}
        line = self._values.lines.get("concurrency_limit", 0)
        runs = evaluate(convert_value(values.get("limit"), MISSING, self._say, line))
        if runs in (None, MISSING):
            return
        if not str(runs).isdecimal():
            self._say(line, f"concurrency_limit is no number, but {runs}: left out")
            return
        options: dict[str, Any] = {}
        strategy = values.get("collision_strategy")
        if strategy:
            options["on_collision"] = _STRATEGIES.get(str(strategy), strategy)
        if values.get("grace_period_seconds") is not None:
            options["grace_period_seconds"] = values["grace_period_seconds"]
        yield Call("limit", f"{_ROOM}.limits", (int(runs),), options)

    def _name_the_rest(self) -> None:
        """Name what no builder says: steps that are run before, agreements of Cloud, odd keys."""
        for key in ("build", "push"):
            source = self._values if self._values.get(key) else self._deployment.actions
            steps = source.get(key) or []
            for step in steps if isinstance(steps, list) else [steps]:
                told = next(iter(step), "") if isinstance(step, Mapping) else repr(step)
                text = f"{key} runs {told}: run it yourself, before `up`"
                whose = self._deployment.name if source is self._values else ""
                self.findings.append(Finding(source.lines[key], text, whose))
        for key, value in self._values.items():
            if key in _KNOWN or value in (None, [], {}, ""):
                continue
            reason = _REASONS.get(key, "is nothing that Prefect 3 knows")
            self._say(self._values.lines[key], f"{key} {reason}: left out")

    def _keep(self, calls: list[Call]) -> Iterator[Call]:
        """Keep what is deployed differently from what the file says, or leaves open."""
        if not self._row:
            return
        kept = [] if any(call.name == "versioneer" for call in calls) else ["version"]
        for field, said in self._list_comparable(calls):
            there = _read(self._row, field)
            if said != there:
                kept.append(field)
                if (field, said, there) == ("description", "", "None"):
                    continue  # what `prefect deploy` itself writes where nothing is said
                text = f"{field} is something else in Prefect: kept as it is there (`keep`)"
                self._say(self._find_line(field), text)
        if kept:
            yield Call("keep", f"{_ROOM}.running", tuple(kept))

    def _list_comparable(self, calls: list[Call]) -> Iterator[tuple[str, Any]]:
        by_name = {call.name: call for call in calls}
        variables = by_name.get("job_variables")
        yield "job_variables", evaluate(variables.options) if variables else {}
        parameters = by_name.get("parameters")
        yield "parameters", evaluate(parameters.arguments[0]) if parameters else {}
        tags = by_name.get("tags")
        yield "tags", sorted({*evaluate(tags.arguments)}) if tags else []
        if "versioneer" in by_name:
            yield "version", by_name["versioneer"].options["version"]
        told = by_name["describer"].arguments[0] if "describer" in by_name else ""
        yield "description", evaluate(told) or self._signature.description
        count = sum(call.name in SCHEDULES for call in calls)
        if count and count != len(self._row.get("schedules") or ()):
            yield "schedules", None
        yield from self._compare_code(by_name)

    def _compare_code(self, calls: Mapping[str, Call]) -> Iterator[tuple[str, Any]]:
        steps = self._row.get("pull_steps")
        if steps and not find_folder(self._row) and {"code_local", "code_image"} & calls.keys():
            yield "pull_steps", None
        if "pull_steps" in calls:
            yield "pull_steps", evaluate(calls["pull_steps"].arguments)
        if "code_installed" in calls:
            yield "pull_steps", []

    def _take(
        self,
        values: Mapping[str, Any],
        key: str,
        lines: Mapping[str, int],
        deployed: Any = MISSING,
    ) -> Any:
        line = lines.get(key, self._values.line)
        value = values.get(key)
        if has_template(value) and key in ("version", "description", "tags", "name"):
            deployed = _read(self._row, key) if key in self._row else deployed
        found = convert_value(value, deployed, self._say, line)
        if key not in _READ_AT_UP and any(isinstance(part, Code) for part in list_parts(found)):
            # A worker imports the file too, with another environment: it must not fail there.
            self._say(line, f"{key} reads the environment: what it is now was written")
            found = evaluate(found)
        return None if found is MISSING else found

    def _say(self, line: int, text: str) -> None:
        self.findings.append(Finding(line, text, self._deployment.name))


def _read(row: Mapping[str, Any], field: str) -> Any:
    value = row.get(field)
    if field == "tags":
        return sorted(value or ())
    return value or ("" if field in ("description", "version") else value)
