"""
A whole migration: which files change, what could not be converted, what is taken over.

Planning reads only; `write` changes flow files and nothing else. Taking over what is deployed is an
ordinary `up` afterwards (`project.adopting`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from meta_prefect.components.naming import build_deployment_logical_name, build_logical_name
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError
from meta_prefect.project.migration.conversion import Converter
from meta_prefect.project.migration.deployed import Snapshot
from meta_prefect.project.migration.flow_files import (
    find_place,
    has_builders,
    list_aliases,
    read_signature,
    write_builders,
)
from meta_prefect.project.migration.marked_yaml import MarkedList, MarkedMap, read_yaml
from meta_prefect.project.migration.records import (
    ConvertedDeployment,
    Finding,
    FlowPlace,
    YamlDeployment,
)
from meta_prefect.project.sources import is_source
from meta_prefect.project.syntax import FlowDefinition, SyntaxReader

Look = Callable[[Sequence[str]], Snapshot]
_KNOWN: Final = frozenset(
    {"name", "prefect-version", "build", "push", "pull", "deployments", "definitions"}
)


@dataclass(frozen=True, slots=True)
class FileChange:
    """
    A flow file with builders.

    file: below the project's root.
    deployments: names of those that it got.
    """

    file: str
    text: str
    deployments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Migration:
    """
    What is going to happen.

    findings: what could not be converted, in the order of the file's lines.
    adopted: ids in Prefect of what is taken over, by logical name.
    flows: selectors of the flows that got builders.
    adopted_flows: selectors of the deployments that are taken over.
    """

    changes: tuple[FileChange, ...]
    findings: tuple[Finding, ...]
    adopted: Mapping[str, str] = field(default_factory=dict)
    flows: tuple[str, ...] = ()
    adopted_flows: tuple[str, ...] = ()

    def write(self, root: Path) -> None:
        """
        Change the flow files.

        Raises:
            MetaPrefectError: one cannot be written; those before it are.
        """
        for change in self.changes:
            try:
                (root / change.file).write_text(change.text, "utf-8")
            except OSError as error:
                raise MetaPrefectError(
                    "MP1503",
                    f"{change.file} cannot be written",
                    why=error.strerror or str(error),
                ) from error


def plan_migration(path: Path, root: Path, look: Look, excludes: tuple[str, ...] = ()) -> Migration:
    """
    Plan what becomes of a prefect.yaml.

    root: the project's folder. look: asks Prefect for deployments of some names.
    excludes: folders below the root, or globs, that are none of the project's.

    Raises:
        MetaPrefectError: the file cannot be read, or no deployment of it can be converted.
    """
    values = read_yaml(path)
    planner = _Planner(root, path.resolve().parent, values, excludes)
    deployments = list(planner.list_deployments())
    snapshot = look([item.name for item in deployments])
    converted = [made for item in deployments for made in planner.convert(item, snapshot)]
    if not converted:
        raise _nothing(path, planner.findings)
    return Migration(
        tuple(planner.write(converted)),
        tuple(sorted(dict.fromkeys(planner.findings), key=lambda finding: finding.line)),
        {name: id for item in converted for name, id in _list_adopted(item)},
        tuple(dict.fromkeys(map(_select, converted))),
        tuple(f"{_select(item)}/{item.name}" for item in converted if item.deployed),
    )


class _Planner:
    """Goes through one file; `findings` grow on the way."""

    def __init__(
        self, root: Path, folder: Path, values: MarkedMap, excludes: tuple[str, ...]
    ) -> None:
        self._root = root
        self._excludes = excludes
        self._folder = folder
        self._values = values
        self._reader = SyntaxReader(root)
        self._seen: set[tuple[FlowPlace, str]] = set()
        self._places: dict[str, FlowPlace] = {}
        self.findings = [
            Finding(values.lines[key], f"{key} is nothing that Prefect 3 knows: left out")
            for key in values
            if key not in _KNOWN
        ]

    def list_deployments(self) -> Iterable[YamlDeployment]:
        """Give the deployments that have a name and an entrypoint."""
        found = self._values.get("deployments")
        if not isinstance(found, MarkedList):
            return
        for item, line in zip(found, found.lines, strict=True):
            if not isinstance(item, MarkedMap):
                self._say(line, f"a deployment is a mapping, not {item!r}")
                continue
            name, entrypoint = item.get("name"), item.get("entrypoint")
            if not name or "{{" in str(name):
                self._say(item.line, "a deployment without a name of its own: left out")
            elif not entrypoint:
                self._say(item.line, f"deployment {name} has no entrypoint: left out", str(name))
            else:
                yield YamlDeployment(item, self._values)

    def convert(
        self, deployment: YamlDeployment, snapshot: Snapshot
    ) -> Iterable[ConvertedDeployment]:
        """Convert a deployment whose flow is there."""
        entrypoint = str(deployment.values["entrypoint"])
        place = find_place(entrypoint, self._folder, self._root)
        flow = self._find_flow(place) if place else None
        if place is None or flow is None:
            reason = f"there is no flow {entrypoint} in this project: left out"
        else:
            reason = self._find_obstacle(deployment, place)
        if place is None or flow is None or reason:
            self._say(deployment.values.lines["entrypoint"], reason, deployment.name)
            return
        place = self._name_apart(place)
        self._seen.add((place, deployment.name))
        converter = Converter(
            deployment,
            place,
            self._folder,
            self._root,
            snapshot.pools,
            snapshot.deployments.get((flow.flow_name, deployment.name)),
            read_signature(self._read(place), place.attribute),
        )
        yield converter.convert()
        self.findings += converter.findings

    def _find_obstacle(self, deployment: YamlDeployment, place: FlowPlace) -> str:
        """Say why builders cannot be written; empty: they can."""
        if not is_source(self._root / place.file, self._root, self._excludes):
            return f"{place.file} is none of the project's files, which leave its folder out"
        if (self._name_apart(place), deployment.name) in self._seen:
            return f"{place.attribute} has two deployments of this name: the second is left out"
        if has_builders(self._read(place), place.attribute):
            return f"{place.attribute} in {place.file} has builders already: left as it is"
        return ""

    def _name_apart(self, place: FlowPlace) -> FlowPlace:
        """Give a flow a second name where one of another file is called the same already."""
        for name in ("", *list_aliases(place)):
            named = replace(place, alias=name)
            if self._places.setdefault(named.name, named) == named:
                return named
        raise AssertionError(place)  # the last of them holds the whole path

    def _read(self, place: FlowPlace) -> str:
        return (self._root / place.file).read_text("utf-8")

    def write(self, converted: Sequence[ConvertedDeployment]) -> Iterable[FileChange]:
        """Give the text of each flow file with its builders."""
        for file in dict.fromkeys(item.place.file for item in converted):
            own = [item for item in converted if item.place.file == file]
            builders = {
                place: [item.call for item in own if item.place == place]
                for place in dict.fromkeys(item.place for item in own)
            }
            text = (self._root / file).read_text("utf-8")
            names = tuple(f"{item.place.name}/{item.name}" for item in own)
            yield FileChange(file, write_builders(text, builders), names)

    def _find_flow(self, place: FlowPlace) -> FlowDefinition | None:
        try:
            definitions = self._reader.find_definitions(self._root / place.file)
        except (SyntaxError, ValueError):
            return None
        return next((item for item in definitions if item.attribute == place.attribute), None)

    def _say(self, line: int, text: str, deployment: str = "") -> None:
        self.findings.append(Finding(line, text, deployment))


def _select(item: ConvertedDeployment) -> str:
    return f"{item.place.file}:{item.place.name}"


def _list_adopted(item: ConvertedDeployment) -> Iterable[tuple[str, str]]:
    if item.deployed is None:
        return
    logical = build_deployment_logical_name(item.place.name, item.name)
    yield logical, str(item.deployed.row["id"])
    for label, name in item.automations.items():
        if label in item.deployed.automations:
            yield build_logical_name(logical, name), item.deployed.automations[label]


def _nothing(path: Path, findings: Sequence[Finding]) -> MetaPrefectError:
    reasons: Any = [f"line {item.line}: {item.text}" for item in findings]
    return MetaPrefectError(
        "MP1502",
        f"{path.name} holds no deployment that can be converted",
        where=str(path),
        why="\n".join(reasons) or "it has no deployments",
        exit_code=ExitCode.USAGE,
    )
