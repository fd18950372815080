"""
meta-prefect: experts write Prefect deployers once; everyone else types `meta-prefect up my_flow`.

Rooms, from the top: `cli`, `project`, then `implementations`, `components` and `engine` side by
side, `provider`, `interfaces`. The import directions are held by import-linter in the tests.
`testing` is for tests of builders. `deploy` is for Pulumi programs, and loaded when it is used:
workers import this package with every flow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from meta_prefect.project.deploying import deploy

__all__ = ["deploy"]


def __getattr__(name: str) -> Any:
    if name != "deploy":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from meta_prefect.project.deploying import deploy

    return deploy
