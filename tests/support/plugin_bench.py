"""A bench for the Prefect provider in a process of its own: the executable, spoken to by gRPC."""

import os
import sys
from contextlib import asynccontextmanager
from pathlib import Path

from meta_prefect.engine.embedded.packages import PluginNeed
from meta_prefect.engine.embedded.plugin_finder import PluginPlace
from meta_prefect.engine.embedded.plugin_host import PluginContext, PluginHost
from meta_prefect.interfaces.provider import ConfigureRequest
from tests.support.provider_bench import Bench

_URN = "urn:pulumi:dev::project::pulumi:providers:prefect::prefect"


@asynccontextmanager
async def plugin_bench(api_url, folder, **environment):
    """
    Start the executable beside this interpreter, and end it.

    api_url: empty for what needs no API. folder: stands for the user's home. environment: what the
    executable sees beside PATH.
    """
    messages = []
    environment["PATH"] = str(Path(sys.executable).parent) + os.pathsep + os.defpath
    place = PluginPlace(environment, folder, {}, may_download=False)
    host = PluginHost(
        place,
        PluginContext("", "project", {}, str(folder)),
        lambda severity, urn, text, _: messages.append((severity.value, urn, text)),
    )
    provider = await host.find(PluginNeed("prefect"))(lambda *_: None)
    try:
        settings = {"apiUrl": api_url} if api_url else {}
        await provider.configure(ConfigureRequest(settings, _URN, "prefect"))
        yield Bench(provider, messages)
    finally:
        await provider.close()
        await host.close()
