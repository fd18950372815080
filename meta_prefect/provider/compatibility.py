"""
Libraries with which a local Prefect server works.

Prefect's own ranges let in versions that break its server: one in the middle of a deploy or at the
start, one in silence, as no scheduled run is ever made. Looks at what is installed without
importing it; `doctor` and the check of `local:Server` ask here. Not to be confused with `client`,
which judges the version of a server.

Source: tried with Prefect 3.8.8. From fastapi 0.151 on a null in a body is no longer the default:
Prefect's own client sends nulls when it asks for the workers of a pool, and gets a 422. Later ones
drop the keywords that Prefect gives to `Body`, and its server ends at its start.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Final

_LOOK_SECONDS: Final = 20
_NAMES: Final = ("prefect", "fastapi", "sqlalchemy")
_LOOK: Final = """
import json, sys
from importlib.metadata import PackageNotFoundError, version
found = {}
for name in sys.argv[1:]:
    try:
        found[name] = version(name)
    except PackageNotFoundError:
        pass
print(json.dumps(found))
"""


@dataclass(frozen=True, slots=True)
class Bound:
    """
    A version from which on a library breaks the server.

    effect: what happens then.
    """

    library: str
    below: tuple[int, int]
    effect: str

    @property
    def pin(self) -> str:
        """The requirement to install."""
        return f"{self.library}<{self.below[0]}.{self.below[1]}"


FASTAPI: Final = Bound(
    "fastapi",
    (0, 151),
    "a local Prefect server refuses what Prefect's own client asks, and `prefect deploy --all` ends"
    " after its first deployment",
)
SQLALCHEMY: Final = Bound("sqlalchemy", (2, 1), "a local Prefect server makes no scheduled runs")
BOUNDS: Final = (FASTAPI, SQLALCHEMY)


def check_server_libraries(python: str = sys.executable) -> list[str]:
    """
    Find what keeps an interpreter from running a Prefect server; one sentence each, with its cure.

    Another interpreter than this one is started for the look, for a fraction of a second.
    """
    try:
        found = _look_here() if python == sys.executable else _look_there(python)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        return [f"{python} is no Python that can be asked for its packages: {error}"]
    return judge_versions(python, found)


def judge_versions(python: str, found: Mapping[str, str]) -> list[str]:
    """Judge installed versions by name; a library that is missing has none."""
    if "prefect" not in found:
        return [f"{python} has no Prefect: {python} -m pip install prefect"]
    return [
        f"with {bound.library} {found[bound.library]} {bound.effect}: pip install '{bound.pin}'"
        for bound in BOUNDS
        if bound.library in found and _parse(found[bound.library]) >= bound.below
    ]


def _look_here() -> dict[str, str]:
    found: dict[str, str] = {}
    for name in _NAMES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _look_there(python: str) -> dict[str, str]:
    answer = subprocess.run(  # noqa: S603 - the interpreter is what the user names
        (python, "-c", _LOOK, *_NAMES),
        capture_output=True,
        check=True,
        stdin=subprocess.DEVNULL,
        timeout=_LOOK_SECONDS,
    )
    found: dict[str, str] = json.loads(answer.stdout)
    return found


def _parse(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:2])
