"""
Failures of calls, as the SDK expects them of an engine that is another process.

Both services that the program talks to raise these; what went wrong with a resource is a diagnostic
and not a failed call.
"""

from __future__ import annotations

from typing import NoReturn

import grpc


class CallFailed(grpc.RpcError):
    """What the SDK expects of a call that did not succeed."""

    def __init__(self, code: grpc.StatusCode, details: str) -> None:
        """Keep a status; `UNAVAILABLE` tells the SDK that the engine has gone."""
        super().__init__(details)
        self._code = code
        self._details = details

    def code(self) -> grpc.StatusCode:
        """Give the status."""
        return self._code

    def details(self) -> str:
        """Give the text."""
        return self._details


def fail_call(details: str) -> NoReturn:
    """Fail a call with a text for the program."""
    raise CallFailed(grpc.StatusCode.UNKNOWN, details)
