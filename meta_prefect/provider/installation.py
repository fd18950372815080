"""
Puts the provider into Pulumi's plugin folder, for engines that do not have it on PATH.

What is put there starts the interpreter that this package is installed for. Imports nothing of the
provider, so that it costs nothing. Not to be confused with `pulumi-plugin.json`, by which Pulumi
learns that a program needs the provider at all.

Source of the layout: `sdk/go/common/workspace/plugins.go` of Pulumi 3.260.
"""

from __future__ import annotations

import os
import shlex
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_NAME: Final = "prefect"
_EXECUTABLE: Final = f"pulumi-resource-{_NAME}"
_MODE: Final = 0o755
# `-P` keeps the folder of the program, which is the working folder, out of the import path.
_START: Final = "-P -c 'from meta_prefect.provider.plugin import main; main()'"


def find_plugin_folder(environment: Mapping[str, str]) -> Path:
    """Give Pulumi's folder of plugins."""
    home = environment.get("PULUMI_HOME") or Path(environment.get("HOME", "~")).expanduser() / (
        ".pulumi"
    )
    return Path(home) / "plugins"


def install_plugin(plugins: Path, python: Path, version: str) -> Path:
    """
    Write the executable for a version, over one that is there; gives its path.

    plugins: Pulumi's folder of plugins; made when it is not there.

    Raises:
        OSError: the folder cannot be written.
    """
    folder = plugins / f"resource-{_NAME}-v{version}"
    folder.mkdir(parents=True, exist_ok=True)
    script = f'#!/bin/sh\nexec {shlex.quote(str(python))} {_START} "$@"\n'
    # An engine that starts it right now gets the old one or the new one, never a part.
    handle, draft = tempfile.mkstemp(dir=folder)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(script)
    Path(draft).chmod(_MODE)
    return Path(draft).replace(folder / _EXECUTABLE)
