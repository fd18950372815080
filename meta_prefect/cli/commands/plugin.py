"""`plugin`: put the Prefect provider where Pulumi looks for plugins."""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path
from typing import Final

from meta_prefect.cli.context import Context
from meta_prefect.cli.options import Call
from meta_prefect.cli.views.documents import write_answer
from meta_prefect.cli.views.text import line
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError
from meta_prefect.provider.installation import find_plugin_folder, install_plugin

SCHEMA: Final = "meta-prefect.plugin.v1"


def run(call: Call, context: Context) -> ExitCode:
    """
    Install the plugin, over an older one of the same version.

    Raises:
        MetaPrefectError: the folder cannot be written.
    """
    plugins, own = find_plugin_folder(context.environment), version("meta-prefect")
    try:
        path = install_plugin(plugins, Path(sys.executable), own)
    except OSError as error:
        raise MetaPrefectError(
            "MP1321",
            "the plugin cannot be written",
            where=str(plugins),
            why=error.strerror or str(error),
            fixes=("PULUMI_HOME=FOLDER meta-prefect plugin install",),
        ) from error
    document = {"schema": SCHEMA, "plugin": "prefect", "version": own, "path": str(path)}
    lines = [
        line(f"plugin prefect {own} is in {path.parent}"),
        line(f"it runs {sys.executable}: install it again when that moves"),
    ]
    write_answer(call, context.terminal, document, lines)
    return ExitCode.OK
