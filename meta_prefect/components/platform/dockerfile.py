"""
The image of a project that has no Dockerfile: Prefect's, its packages, its files.

Pure but for looking which files there are.
"""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path
from typing import Final

WORK_FOLDER: Final = "/opt/flows"
_INSTALL: Final = "pip install --no-cache-dir"


def render_dockerfile(root: Path) -> str:
    """
    Write a Dockerfile for a project.

    Packages come from `requirements.txt`, else the project itself is installed if it has a
    `pyproject.toml`. Packages come before files, so that a change of a flow builds in seconds.
    """
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    lines = [f"FROM prefecthq/prefect:{version('prefect')}-python{python}"]
    lines.append(f"WORKDIR {WORK_FOLDER}")
    has_requirements = (root / "requirements.txt").is_file()
    if has_requirements:
        lines += ["COPY requirements.txt ./", f"RUN {_INSTALL} -r requirements.txt"]
    lines.append("COPY . .")
    if not has_requirements and (root / "pyproject.toml").is_file():
        lines.append(f"RUN {_INSTALL} .")
    return "\n".join([*lines, ""])
