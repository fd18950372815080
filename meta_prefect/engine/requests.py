"""Requests that make no sense, refused before anything is touched; the same for both engines."""

from __future__ import annotations

from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError
from meta_prefect.interfaces.engine import OperationKind, OperationRequest


def check_request(request: OperationRequest) -> None:
    """
    Refuse what makes no sense, before anything is touched.

    Raises:
        MetaPrefectError: says what.
    """
    fixes: tuple[str, ...] = ()
    if request.effective_kind is OperationKind.IMPORT and not request.imports:
        summary = "there is nothing to import"
    elif request.scope.targets and request.scope.excludes:
        summary, fixes = "targets and excludes do not go together", ("use one of the two",)
    elif request.parallel < 1:
        summary, fixes = f"{request.parallel} steps at once are not possible", ("--parallel 1",)
    elif request.effective_kind is OperationKind.UP and request.program is None:
        summary = "there is no program to run"
    else:
        return
    raise MetaPrefectError("MP5101", summary, fixes=fixes, exit_code=ExitCode.USAGE)
