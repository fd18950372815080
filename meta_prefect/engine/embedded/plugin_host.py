"""
The host of provider plugins: finds, fetches, starts and greets them, for one operation.

A source of providers like any other; each provider it makes has a process of its own, as a plugin
can be configured only once. The parts are `plugin_finder`, `plugin_download`, `plugin_process` and
`plugin`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from meta_prefect.engine.embedded.engine_server import EngineServer, MessageSink
from meta_prefect.engine.embedded.packages import PluginNeed
from meta_prefect.engine.embedded.plugin import PluginProvider, connect
from meta_prefect.engine.embedded.plugin_download import install_plugin, refuse_missing
from meta_prefect.engine.embedded.plugin_finder import PluginPlace, find_plugin, order_version
from meta_prefect.engine.embedded.plugin_process import start_process
from meta_prefect.interfaces.diagnostics import Severity
from meta_prefect.interfaces.engine import ConfigValue
from meta_prefect.interfaces.provider import ProviderError, ProviderFactory, ProviderLog

_ATTACHED_SECONDS = 3.0
_STARTED_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class PluginContext:
    """
    What plugins get to know of the operation.

    root_urn: URN of the stack.
    folder: of the program; empty means the working folder.
    """

    root_urn: str
    project: str
    config: Mapping[str, ConfigValue]
    folder: str


class PluginHost:
    """Makes providers of plugins; close it after them."""

    def __init__(self, place: PluginPlace, context: PluginContext, on_message: MessageSink) -> None:
        """Start nothing yet; `on_message` hears what plugins log and how they are fetched."""
        self._place = place
        self._context = context
        self._on_message = on_message
        self._server = EngineServer(on_message, context.root_urn)

    def find(self, need: PluginNeed) -> ProviderFactory:
        """Give what starts the plugin; that it is missing shows when it is started."""
        return partial(self._make, need)

    async def close(self) -> None:
        """Stop listening to plugins."""
        await self._server.close()

    async def _make(self, need: PluginNeed, log: ProviderLog) -> PluginProvider:
        provider = await self._connect(need, log)
        if need.parameter is not None:
            try:
                await provider.parameterize(need.parameter)
            except ProviderError:
                await provider.close()
                raise
        return provider

    async def _connect(self, need: PluginNeed, log: ProviderLog) -> PluginProvider:
        address = await self._server.start()
        port = self._place.attached.get(need.plugin)
        if port is not None:
            return await connect(need.plugin, port, address, patience_seconds=_ATTACHED_SECONDS)
        path = find_plugin(self._place, need.plugin, need.version) or await self._fetch(need)
        process = await start_process(
            path,
            [address],
            self._build_environment(need),
            self._context.folder,
            lambda line: log(Severity.INFO, "", f"{path.name}: {line}"),
        )
        provider = await connect(
            need.plugin,
            process.port,
            address,
            patience_seconds=_STARTED_SECONDS,
            process=process,
            folder=str(path.parent),
        )
        version = await provider.read_version()
        if need.version and version and order_version(version) < order_version(need.version):
            text = f"plugin {path} is version {version}; the program asks for {need.version}"
            log(Severity.WARNING, "", text)
        return provider

    async def _fetch(self, need: PluginNeed) -> Path:
        if not self._place.may_download:
            raise refuse_missing(need, "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION is set")
        return await install_plugin(
            self._place, need, lambda text: self._on_message(Severity.INFO, "", text, True)
        )

    def _build_environment(self, need: PluginNeed) -> dict[str, str]:
        given, context = self._place.environment, self._context
        renamed = {old: given[new] for new, old in need.variables if new in given}
        config = {key: item.value for key, item in context.config.items()}
        told = {"PULUMI_PROJECT": context.project, "PULUMI_CONFIG": json.dumps(config)}
        return {**given, **told, **renamed}
