"""
Stand-ins: providers that answer for one that cannot.

In a preview a provider whose configuration is unknown was never configured, and one without preview
support must not be asked to create: the engine answers in their place. Not to be confused with the
fakes of the tests.

Source: `sdk/go/common/resource/plugin/provider_plugin.go` of Pulumi 3.260.
"""

from __future__ import annotations

from meta_prefect.engine.embedded.remote import ServesComponents
from meta_prefect.interfaces.diagnostics import Severity
from meta_prefect.interfaces.provider import (
    Changes,
    CheckRequest,
    CheckResponse,
    ConfigureRequest,
    ConfigureResponse,
    CreateRequest,
    CreateResponse,
    DeleteRequest,
    DiffRequest,
    DiffResponse,
    ForeseesReads,
    InvokeRequest,
    InvokeResponse,
    ProviderLog,
    ReadRequest,
    ReadResponse,
    ResourceProvider,
    UpdateRequest,
)
from meta_prefect.interfaces.values import UNKNOWN, PropertyMap


class WithoutPreview:
    """A provider that cannot preview: what is asked for is taken for what will be."""

    def __init__(self, provider: ResourceProvider) -> None:
        """Pass everything on to a provider but previews."""
        self._provider = provider
        self.check_config = provider.check_config
        self.diff_config = provider.diff_config
        self.configure = provider.configure
        self.check = provider.check
        self.diff = provider.diff
        self.read = provider.read
        self.delete = provider.delete
        self.invoke = provider.invoke
        self.cancel = provider.cancel
        self.close = provider.close
        if isinstance(provider, ServesComponents):
            self.construct = provider.construct
            self.call = provider.call
        if isinstance(provider, ForeseesReads):
            self.foresee_reads = provider.foresee_reads

    async def create(self, request: CreateRequest) -> CreateResponse:
        """Create, or give the inputs back in a preview."""
        if request.preview:
            return CreateResponse(UNKNOWN, request.properties)
        return await self._provider.create(request)

    async def update(self, request: UpdateRequest) -> PropertyMap:
        """Update, or give the inputs back in a preview."""
        return request.news if request.preview else await self._provider.update(request)


class Unconfigured:
    """A provider whose configuration is not known yet, in a preview."""

    def __init__(self, provider: ResourceProvider, log: ProviderLog) -> None:
        """Ask the provider itself only about its own configuration."""
        self._log = log
        self.check_config = provider.check_config
        self.diff_config = provider.diff_config
        self.cancel = provider.cancel
        self.close = provider.close

    async def configure(self, request: ConfigureRequest) -> ConfigureResponse:  # noqa: ARG002
        """Stay as it is."""
        return ConfigureResponse()

    async def check(self, request: CheckRequest) -> CheckResponse:
        """Take the inputs as they are."""
        return CheckResponse(request.news)

    async def diff(self, request: DiffRequest) -> DiffResponse:
        """Expect a change, and say that it is a guess."""
        message = "the provider's configuration is not known yet: what changes is a guess"
        self._log(Severity.WARNING, request.urn, message)
        return DiffResponse(Changes.SOME)

    async def create(self, request: CreateRequest) -> CreateResponse:  # noqa: ARG002
        """Know nothing of the outputs."""
        return CreateResponse(UNKNOWN, {})

    async def read(self, request: ReadRequest) -> ReadResponse:
        """Know nothing of the object but that it is asked for."""
        return ReadResponse(request.id)

    async def update(self, request: UpdateRequest) -> PropertyMap:  # noqa: ARG002
        """Know nothing of the outputs."""
        return {}

    async def delete(self, request: DeleteRequest) -> None:
        """Do nothing: a preview deletes nothing."""

    async def invoke(self, request: InvokeRequest) -> InvokeResponse:  # noqa: ARG002
        """Know nothing; the monitor tells the program that it is unknown."""
        return InvokeResponse({})
