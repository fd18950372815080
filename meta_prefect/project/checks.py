"""
Checks: what `doctor` looks at. Read only, each with a cure.

Every check is a function that gives one result; a check that fails itself is an error result, never
an exception.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from meta_prefect.interfaces.diagnostics import MetaPrefectError
from meta_prefect.project.discovery import discover_flows
from meta_prefect.project.loading import FlowLoader
from meta_prefect.provider.names import is_bridged

if TYPE_CHECKING:
    from meta_prefect.interfaces.engine import ResourceRecord, StackReader
    from meta_prefect.project.place import PrefectPlace
    from meta_prefect.project.settings import ProjectSettings

Status: TypeAlias = Literal["ok", "warning", "error"]

INSTALL_PULUMI: Final = "curl -fsSL https://get.pulumi.com | sh"
_NAME_PROVIDERS: Final = (
    "give every resource of both packages a provider by name: pulumi.ResourceOptions(provider=...)"
)
_COME_OVER: Final = (
    "meta-prefect import FLOW RESOURCE ID takes each over, meta-prefect state forget URN lets go "
    "of the old one; neither changes Prefect"
)
_OLDEST_PYTHON: Final = (3, 11)
_HEAVY: Final = ("pulumi", "boto3", "kubernetes", "dask_kubernetes")


@dataclass(frozen=True, slots=True)
class CheckResult:
    """
    What one check found.

    what: the thing looked at. found: in a few words. fix: to paste; empty when all is well.
    """

    status: Status
    what: str
    found: str
    fix: str = ""


Check: TypeAlias = Callable[[], CheckResult]


def run_checks(checks: Sequence[tuple[str, Check]]) -> Iterator[CheckResult]:
    """Do checks in turn; each comes with the name to show when it fails itself."""
    for what, check in checks:
        try:
            yield check()
        except MetaPrefectError as error:
            first = error.diagnostic
            found = f"{first.code} {first.summary}" + (f" ({first.why})" if first.why else "")
            yield CheckResult("error", what, found, first.fixes[0] if first.fixes else "")


def check_python() -> CheckResult:
    """Look at the interpreter."""
    found = f"{platform.python_version()} at {sys.executable}"
    if sys.version_info < _OLDEST_PYTHON:
        return CheckResult("error", "Python", found, "install Python 3.11 or newer")
    return CheckResult("ok", "Python", found)


def check_package(name: str) -> CheckResult:
    """Look whether a package is installed."""
    try:
        return CheckResult("ok", name, version(name))
    except PackageNotFoundError:
        return CheckResult("error", name, "not installed", "pip install meta-prefect")


def check_libraries(problems: Sequence[str]) -> CheckResult:
    """Judge what the provider says of the libraries under a local Prefect server."""
    if problems:
        fix = "pip install 'fastapi<0.151' 'sqlalchemy<2.1'"
        return CheckResult("error", "Prefect's server libraries", "; ".join(problems), fix)
    found = f"fastapi {version('fastapi')}, sqlalchemy {version('sqlalchemy')}"
    return CheckResult("ok", "Prefect's server libraries", found)


def check_engine(description: str, pulumi: str, *, will_do: bool = True) -> CheckResult:
    """
    Say which engine runs, and how to get the other.

    pulumi: the executable that is there, in a few words; empty when there is none.
    will_do: whether it can be used.
    """
    found = f"{description}; {pulumi or 'no pulumi executable on PATH, none is needed'}"
    fix = "" if pulumi and will_do else INSTALL_PULUMI
    return CheckResult("ok" if will_do else "warning", "engine", found, fix)


def check_place(place: PrefectPlace, greet: Callable[[], str] | None) -> CheckResult:
    """
    Look whether the Prefect of the project answers.

    greet: asks it for its version; None stays off the network.
    """
    if not place.api_url:
        return CheckResult("ok", "Prefect API", "none configured: `up` runs a local server")
    found = f"{place.api_url} ({place.source})"
    if greet is None:
        return CheckResult("ok", "Prefect API", found)
    return CheckResult("ok", "Prefect API", f"{found}, version {greet() or 'unknown'}")


def check_state(settings: ProjectSettings, reader: StackReader) -> CheckResult:
    """Look whether the stack can be read and nothing is pending."""
    stack = reader.read_stack(settings.stack)
    if stack is None:
        return CheckResult(
            "ok", f"stack {settings.stack}", f"not there yet, {settings.backend_url}"
        )
    if stack.pending_operations:
        urns = ", ".join(urn for urn, _ in stack.pending_operations)
        return CheckResult(
            "warning",
            f"stack {settings.stack}",
            f"interrupted operations: {urns}",
            "meta-prefect up --all",
        )
    found = f"{len(stack.resources)} resources, {settings.backend_url}"
    return CheckResult("ok", f"stack {settings.stack}", found)


def check_bridged(settings: ProjectSettings, reader: StackReader) -> CheckResult:
    """
    Look whether the stack has resources of the Terraform provider that is bridged to Pulumi.

    Its package is called `prefect` as ours is: beside ours, a resource that names no provider may
    get the wrong one.
    """
    what = "bridged Prefect provider"
    stack = reader.read_stack(settings.stack)
    both = [item for item in stack.resources if item.type.startswith("prefect:")] if stack else []
    theirs = [item for item in both if is_bridged(item.type)]
    if not theirs:
        return CheckResult("ok", what, f"nothing of it in stack {settings.stack}")
    found = f"{len(theirs)} of its resources in stack {settings.stack}, first {theirs[0].urn}"
    ours = len(both) - len(theirs)
    unnamed = sum(map(_has_default_provider, both)) if ours else 0
    if ours:
        found += f"; {ours} of ours beside them, {unnamed} of all these name no provider"
    return CheckResult("warning", what, found, _NAME_PROVIDERS if unnamed else _COME_OVER)


def _has_default_provider(record: ResourceRecord) -> bool:
    """Tell a provider that Pulumi has made from one that the program declares."""
    name = record.provider.rpartition("::")[0].rpartition("::")[2]
    return name.startswith("default")


def check_flows(settings: ProjectSettings) -> CheckResult:
    """Look whether every flow file can be imported, and that none loads a heavy library."""
    discovery = discover_flows(settings.root, settings.excludes)
    loader = FlowLoader(settings.root)
    loaded_before = {name for name in _HEAVY if name in sys.modules}
    problems = [f"{item.where}: {item.why}" for item in discovery.broken]
    for site in discovery.sites:
        try:
            loader.load_deployable([site])
        except MetaPrefectError as error:
            problems.append(error.diagnostic.summary)
    if problems:
        return CheckResult("error", "flows", "; ".join(dict.fromkeys(problems)))
    heavy = sorted({name for name in _HEAVY if name in sys.modules} - loaded_before)
    found = f"{len(discovery.sites)} found, all can be imported"
    if heavy:
        return CheckResult("warning", "flows", f"{found}; they load {', '.join(heavy)}")
    return CheckResult("ok", "flows", found)
