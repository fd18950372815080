"""
Set aside: a place where the preview of a stack that is not there yet may make one.

The executable previews stacks that exist, and nothing else. In a folder of its own that goes away
afterwards it makes one without a trace where the state is kept. Not to be confused with
`workspace`, whose folders are about the project and not about state.

Source: the layout of `pkg/backend/diy/state.go` of Pulumi 3.260.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from meta_prefect.engine.automation.workspace import Place
from meta_prefect.engine.state.location import find_root
from meta_prefect.interfaces.engine import OperationRequest

_META: Final = "version: 1\n"


@contextmanager
def set_aside(place: Place, request: OperationRequest) -> Iterator[Place]:
    """Give a place like another, with all of its stacks, where nothing that is made stays."""
    with tempfile.TemporaryDirectory(prefix="meta-prefect-") as name:
        copy = Path(name)
        _mirror_state(find_root(place.backend_url), copy / ".pulumi", request.project)
        folder = None
        if place.folder is not None:
            folder = copy / "project"
            _mirror_project(place.folder, folder, request.stack)
        yield replace(place, backend_url=f"file://{copy}", folder=folder)


def _mirror_state(root: Path, copy: Path, project: str) -> None:
    """Show the stacks of other projects and of this one, for references to them."""
    stacks, own = root / "stacks", copy / "stacks" / project
    own.mkdir(parents=True)
    (copy / "meta.yaml").write_text(_META, "utf-8")
    _link_entries(stacks, own.parent)
    _link_entries(stacks / project, own)


def _mirror_project(folder: Path, copy: Path, stack: str) -> None:
    """Show a team's folder; the stack's own file is a copy, as the new stack's salt goes there."""
    copy.mkdir()
    config = f"Pulumi.{stack}.yaml"
    if (folder / config).exists():
        shutil.copyfile(folder / config, copy / config)
    _link_entries(folder, copy)


def _link_entries(folder: Path, copy: Path) -> None:
    for entry in folder.iterdir() if folder.is_dir() else ():
        if not (copy / entry.name).exists():
            (copy / entry.name).symlink_to(entry.resolve())
