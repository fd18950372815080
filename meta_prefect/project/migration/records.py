"""
What a migration is made of: what was found in the file, and what became of it.

Pure records; `conversion` makes them, `flow_files` and `migration` read them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from meta_prefect.project.migration.expressions import Call
from meta_prefect.project.migration.marked_yaml import MarkedMap


@dataclass(frozen=True, slots=True)
class Finding:
    """
    Something that did not become a builder, or not as it was written.

    line: in the file; 0: it is about the whole.
    deployment: which one; empty: all of them.
    """

    line: int
    text: str
    deployment: str = ""


@dataclass(frozen=True, slots=True)
class YamlDeployment:
    """
    One deployment as the file has it.

    values: its own fields; actions: `build`, `push` and `pull` of the file's top level.
    """

    values: MarkedMap
    actions: MarkedMap

    @property
    def name(self) -> str:
        """Its name in Prefect, which takes the ending from a file's; empty when it has none."""
        return str(self.values.get("name") or "").removesuffix(".py")


@dataclass(frozen=True, slots=True)
class FlowPlace:
    """
    The flow that an entrypoint means.

    file: below the project's root, `/` on every system.
    attribute: in the file: `my_flow`, `Class.method`.
    alias: a second name for it in the file, where a flow of another file has the first; else empty.
    """

    file: str
    attribute: str
    alias: str = ""

    @property
    def name(self) -> str:
        """What the project calls the flow."""
        return self.alias or self.attribute


@dataclass(frozen=True, slots=True)
class Signature:
    """
    What a flow's function says of itself.

    description: from its docstring; empty: nothing.
    parameters: their names; None: any may be passed, or nobody knows.
    """

    description: str = ""
    parameters: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Deployed:
    """
    What Prefect has of a deployment.

    row: the deployment; automations: ids of its own ones, by name.
    rules: these automations themselves, by name.
    """

    row: Mapping[str, Any]
    automations: Mapping[str, str] = field(default_factory=dict)
    rules: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ConvertedDeployment:
    """
    A deployment as builders.

    name: what the project calls it.
    call: of `deployment`, with all its builders.
    automations: what each of its automations is called by the project, by name in Prefect.
    deployed: what Prefect has of it; None: nothing.
    """

    name: str
    place: FlowPlace
    call: Call
    automations: Mapping[str, str] = field(default_factory=dict)
    deployed: Deployed | None = None
