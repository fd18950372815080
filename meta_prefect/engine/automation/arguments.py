"""
Command lines: an operation as arguments of the `pulumi` executable.

Pure. Every command knows only some of the flags, so the table says which.

Source: `sdk/python/lib/pulumi/automation/_stack.py` 3.272 and `pkg/cmd/pulumi/operations` 3.260.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from meta_prefect.interfaces.engine import ImportItem, OperationKind, OperationRequest

_Flags = Callable[[OperationRequest], Iterator[str]]

_VERBS: Final = {
    OperationKind.UP: "up",
    OperationKind.DESTROY: "destroy",
    OperationKind.REFRESH: "refresh",
    OperationKind.IMPORT: "import",
}


def build_arguments(
    request: OperationRequest,
    *,
    event_log: str,
    client: str,
    import_file: str,
    installs_lately: bool = False,
) -> list[str]:
    """
    Write the command of an operation.

    event_log: file that the events are written to.
    client: address of the language runtime that runs the program.
    import_file: what an import reads; see `build_import_file`.
    installs_lately: plugins are not looked for before they are needed: those that this process
        serves are on no disk, and searching for them all over the network takes long.
    """
    verb = _find_verb(request)
    arguments = [verb, "--stack", request.stack, "--non-interactive", "--color", "never"]
    arguments += ["--event-log", event_log, "--suppress-outputs"]
    if installs_lately:
        arguments.append("--skip-plugin-pre-install")
    for flags in _FLAGS[verb]:
        arguments += flags(request)
    if verb == "import":
        return [*arguments, "--file", import_file, "--generate-code=false"]
    return [*arguments, "--client", client, "--exec-kind", "auto.inline"]


def _find_verb(request: OperationRequest) -> str:
    kind = request.effective_kind
    return "preview" if request.is_preview and kind is OperationKind.UP else _VERBS[kind]


def _go_ahead(request: OperationRequest) -> Iterator[str]:
    if request.is_preview:
        yield "--preview-only"
    else:
        yield from ("--yes", "--skip-preview")


def _scope(request: OperationRequest) -> Iterator[str]:
    scope = request.scope
    for target in scope.targets:
        yield from ("--target", target)
    for excluded in scope.excludes:
        yield from ("--exclude", excluded)
    if scope.target_dependents:
        yield "--target-dependents"
    if scope.exclude_dependents:
        yield "--exclude-dependents"


def _replace(request: OperationRequest) -> Iterator[str]:
    for replaced in request.scope.replace:
        yield from ("--replace", replaced)


def _parallel(request: OperationRequest) -> Iterator[str]:
    yield from ("--parallel", str(request.parallel))


def _message(request: OperationRequest) -> Iterator[str]:
    if request.message:
        yield from ("--message", request.message)


def _refresh(request: OperationRequest) -> Iterator[str]:
    # Without a value the executable would take the next argument for one.
    yield f"--refresh={str(request.refresh).lower()}"


def _expect_no_changes(request: OperationRequest) -> Iterator[str]:
    if request.expect_no_changes:
        yield "--expect-no-changes"


def _continue_on_error(request: OperationRequest) -> Iterator[str]:
    yield f"--continue-on-error={str(request.continue_on_error).lower()}"


def _without_program(request: OperationRequest) -> Iterator[str]:  # noqa: ARG001 - as the others
    # A variable of the user's may say otherwise, and there is no program to run here.
    yield "--run-program=false"


def _protect(request: OperationRequest) -> Iterator[str]:
    yield f"--protect={str(all(item.protect for item in request.imports)).lower()}"


_FLAGS: Final[Mapping[str, tuple[_Flags, ...]]] = {
    "preview": (_scope, _replace, _parallel, _message, _refresh, _expect_no_changes),
    "up": (
        _go_ahead,
        _scope,
        _replace,
        _parallel,
        _message,
        _refresh,
        _expect_no_changes,
        _continue_on_error,
    ),
    "destroy": (
        _go_ahead,
        _scope,
        _parallel,
        _message,
        _refresh,
        _continue_on_error,
        _without_program,
    ),
    "refresh": (_go_ahead, _scope, _parallel, _message, _expect_no_changes, _without_program),
    "import": (_go_ahead, _parallel, _message, _protect),
}


def build_import_file(items: tuple[ImportItem, ...]) -> dict[str, Any]:
    """
    Write what `pulumi import --file` reads, as a JSON object.

    Parents and providers are named there, and a table says which URNs the names stand for.
    """
    own = {item.name for item in items}
    urns = dict.fromkeys(urn for item in items for urn in (item.parent, item.provider))
    names = {urn: f"existing-{number}" for number, urn in enumerate(urns) if urn not in own | {""}}
    return {
        "nameTable": {name: urn for urn, name in names.items()},
        "resources": [_build_import(item, names) for item in items],
    }


def _build_import(item: ImportItem, names: Mapping[str, str]) -> dict[str, Any]:
    fields = {
        "type": item.type,
        "name": item.name,
        "id": item.id,
        "parent": names.get(item.parent, item.parent),
        "provider": names.get(item.provider, ""),
        "version": item.version,
        "properties": list(item.properties),
    }
    return {key: value for key, value in fields.items() if value}
