"""
Selectors: how a user names a flow or one of its deployments, and what of a stack that is.

Pure. Not to be confused with `planning`, which decides what an operation on them covers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError


@dataclass(frozen=True, slots=True)
class Selector:
    """
    What a user typed, taken apart.

    flow: `my_flow` or `file.py:my_flow`.
    deployment: empty: all of them.
    """

    flow: str
    deployment: str = ""


@dataclass(frozen=True, slots=True)
class FlowPart:
    """
    A flow of a stack, or some of its deployments.

    flow: logical name.
    deployments: logical names, `FLOW/NAME`; empty: the whole flow.
    """

    flow: str
    deployments: tuple[str, ...] = ()


def parse_selector(text: str) -> Selector:
    """Take `my_flow`, `my_flow/nightly` or `file.py:my_flow/nightly` apart."""
    file, colon, rest = text.rpartition(":")
    flow, _, deployment = rest.partition("/")
    return Selector(f"{file}{colon}{flow}", deployment)


def choose_deployment(flow: str, wanted: str, known: Mapping[str, str]) -> str:
    """
    Find the one of a flow's deployments that a name means.

    known: logical name, `FLOW/NAME`, to the name in Prefect; either is understood.

    Raises:
        MetaPrefectError: there is none.
    """
    for logical, name in known.items():
        if wanted in (logical.rpartition("/")[2], name):
            return logical
    names = [f"{flow}/{logical.rpartition('/')[2]}" for logical in known]
    raise MetaPrefectError(
        "MP1110",
        f"flow {flow} has no deployment {wanted}",
        why=f"its deployments: {', '.join(names)}" if names else "it has none",
        fixes=tuple(f"meta-prefect up {name}" for name in names[:1]),
        exit_code=ExitCode.NOT_FOUND,
    )
