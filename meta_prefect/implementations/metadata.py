"""
Builders of metadata: tags, version, name, description and labels.

They read environment variables, git and packages when a deployment is built, not when the flow file
is imported, so a worker that imports the file is not affected by them.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as package_version
from typing import Final, Literal, TypeAlias

from meta_prefect.implementations.checked import checked
from meta_prefect.implementations.checking import check_text
from meta_prefect.interfaces.deployment import DeploymentSpec
from meta_prefect.interfaces.flow_builder_interface import FlowBuilderInterface

TAGS_VARIABLE: Final = "META_PREFECT__TAGS"
VERSION_VARIABLE: Final = "META_PREFECT__VERSION"
PACKAGE_VARIABLE: Final = "META_PREFECT__PACKAGE_NAME"
_DESCRIBE: Final = ("describe", "--always", "--dirty", "--abbrev=8", "--exclude=*")
_PLACEHOLDERS: Final = {"name": "", "stack": "", "flow": ""}

Label: TypeAlias = str | int | float | bool


class tags_resolver(FlowBuilderInterface):  # noqa: N801 - used as a decorator
    """
    Tag the deployment with what `META_PREFECT__TAGS` says: comma separated, trimmed.

        flow = tags_resolver(stack=True)(flow)  # and with stack=dev
    """

    @checked
    def __init__(self, *, stack: bool = False) -> None:
        """
        Choose the tags.

        stack: add `stack=NAME`.
        """
        self._stack = stack

    def update_deployment(self, deployment: DeploymentSpec) -> DeploymentSpec:
        """Add the tags to those that are there."""
        stack = [f"stack={deployment.stack}"] if self._stack else []
        return deployment.with_tags([*parse_tags(os.environ.get(TAGS_VARIABLE, "")), *stack])


class tags(FlowBuilderInterface):  # noqa: N801 - used as a decorator
    """
    Tag the deployment.

        @tags("team-a", "daily")
        @local_deployer()
        @flow
        def report() -> None: ...
    """

    @checked
    def __init__(self, *names: str) -> None:
        """
        Keep the tags.

        Raises:
            ValueError: one is empty.
        """
        for name in names:
            check_text("tags", tag=name)
        self._names = names

    def update_deployment(self, deployment: DeploymentSpec) -> DeploymentSpec:
        """Add the tags to those that are there."""
        return deployment.with_tags(self._names)


class versioneer(FlowBuilderInterface):  # noqa: N801 - used as a decorator
    """
    Give the deployment a version: what `META_PREFECT__VERSION` says, else by one of these ways.

    `content` takes the flow's own version, else a hash of its file and of the project's modules
    that it imports, so that a preview shows when code changed and a commit alone changes nothing.
    `git` takes the first 8 digits of the commit, with `-dirty` for what is not committed. `package`
    takes the version of an installed package.

        flow = versioneer()(flow)
        flow = versioneer("git")(flow)
        flow = versioneer("package", package="etl")(flow)
        flow = versioneer(version="2.1")(flow)
    """

    @checked
    def __init__(
        self,
        by: Literal["content", "git", "package"] = "content",
        *,
        package: str = "",
        version: str = "",
    ) -> None:
        """
        Choose the way.

        package: name of the package; empty: what `META_PREFECT__PACKAGE_NAME` says.
        version: the version itself.

        Raises:
            ValueError: there is no such way, or two are chosen.
        """
        if by not in _WAYS:
            raise ValueError(f'versioneer("{by}"): one of {", ".join(_WAYS)}')
        if version and (by != "content" or package):
            raise ValueError(f'versioneer("{by}", version="{version}"): choose one of them')
        if package and by != "package":
            raise ValueError(f'versioneer("{by}", package="{package}"): write "package" first')
        self._by = by
        self._package = package
        self._version = version

    def update_deployment(self, deployment: DeploymentSpec) -> DeploymentSpec:
        """
        Set the version.

        Raises:
            ValueError: the project is in no git repository, or there is no such package.
        """
        wanted = os.environ.get(VERSION_VARIABLE, "").strip() or self._version
        return replace(deployment, version=wanted or _WAYS[self._by](deployment, self._package))


class namer(FlowBuilderInterface):  # noqa: N801 - used as a decorator
    """
    Name the deployment in Prefect.

        @namer("{name}-{stack}")  # my-flow-dev; nightly-dev for deployment("nightly")
        @local_deployer()
        @flow
        def my_flow() -> None: ...

    Keep `{stack}` in it where several stacks share a workspace.
    """

    @checked
    def __init__(self, template: str) -> None:
        """
        Take a text with `{name}`, `{stack}` and `{flow}`.

        `{name}` is what the project calls the deployment, for the default one the flow's name;
        `{flow}` is the flow's name in Prefect.

        Raises:
            ValueError: the template is empty or has other placeholders.
        """
        check_text("namer", template=template)
        try:
            template.format(**_PLACEHOLDERS)
        except (KeyError, IndexError, ValueError):
            known = ", ".join(f"{{{name}}}" for name in _PLACEHOLDERS)
            raise ValueError(f'namer("{template}"): its placeholders are {known}') from None
        self._template = template

    def update_deployment(self, deployment: DeploymentSpec) -> DeploymentSpec:
        """Set the name."""
        name = self._template.format(
            name=deployment.deployment or deployment.flow_name,
            stack=deployment.stack,
            flow=deployment.flow_name,
        )
        return replace(deployment, name=name)


class describer(FlowBuilderInterface):  # noqa: N801 - used as a decorator
    """
    Describe the deployment in Prefect's pages; Markdown. Without it, the flow's docstring does.

        @describer("Sums up a day. Questions to the data team.")
        @local_deployer()
        @flow
        def report() -> None: ...

        describer(lambda deployment: f"{deployment.description} (on {deployment.stack})")
    """

    @checked
    def __init__(self, text: str | Callable[[DeploymentSpec], str]) -> None:
        """
        Take the text, or what makes it from the deployment so far.

        Raises:
            ValueError: the text is empty.
        """
        if isinstance(text, str):
            check_text("describer", text=text)
        self._text = text

    def update_deployment(self, deployment: DeploymentSpec) -> DeploymentSpec:
        """Set the description."""
        text = self._text if isinstance(self._text, str) else self._text(deployment)
        return replace(deployment, description=text)


class labels(FlowBuilderInterface):  # noqa: N801 - used as a decorator
    """
    Label the deployment, for filters and for what else reads Prefect's API.

        @labels(team="data", cost_center=17)
        @labels({"example.com/owner": "ann"})
        @local_deployer()
        @flow
        def report() -> None: ...
    """

    @checked
    def __init__(self, values: Mapping[str, Label] | None = None, /, **more: Label) -> None:
        """
        Keep the labels.

        Raises:
            TypeError: a value is neither text nor number nor boolean.
        """
        self._values = {**(values or {}), **more}
        for name, value in self._values.items():
            if not isinstance(value, str | int | float):
                raise TypeError(f"labels({name}=...): text, numbers and booleans only")

    def update_deployment(self, deployment: DeploymentSpec) -> DeploymentSpec:
        """Lay the labels over those that are there."""
        return replace(deployment, labels={**deployment.labels, **self._values})


def parse_tags(text: str) -> tuple[str, ...]:
    """Split a comma separated list: trimmed, nothing empty, nothing twice, sorted."""
    return tuple(sorted({tag.strip() for tag in text.split(",")} - {""}))


def _find_content(deployment: DeploymentSpec, _package: str) -> str:
    return deployment.version or deployment.source.content_hash


def _find_commit(deployment: DeploymentSpec, _package: str) -> str:
    command = ["git", "-C", deployment.source.root, *_DESCRIBE]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - git, on the project's own folder
    except (OSError, subprocess.CalledProcessError) as error:
        reason = (getattr(error, "stderr", "") or str(error)).strip()
        raise ValueError(f'versioneer("git"): {reason}') from error
    return done.stdout.strip()


def _find_package(_deployment: DeploymentSpec, package: str) -> str:
    name = package or os.environ.get(PACKAGE_VARIABLE, "")
    if not name:
        raise ValueError(f'versioneer("package"): name it, package="...", or in {PACKAGE_VARIABLE}')
    try:
        return package_version(name)
    except PackageNotFoundError as error:
        raise ValueError(f'versioneer("package"): {name} is not installed') from error


_WAYS: Final[Mapping[str, Callable[[DeploymentSpec, str], str]]] = {
    "content": _find_content,
    "git": _find_commit,
    "package": _find_package,
}
