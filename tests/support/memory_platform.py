"""
AWS and Kubernetes in memory: any type is taken, and has the outputs that our components read.

For tests of what is declared and in which order; it refuses nothing. Not to be confused with
`aws` and `kube`, which behave like the real ones.
"""

from __future__ import annotations

from meta_prefect.interfaces.provider import CreateResponse, InvokeResponse
from meta_prefect.interfaces.values import UNKNOWN
from tests.support.memory_provider import MemoryCloud, MemoryProvider
from tests.support.recording import ANSWERS, OUTPUTS


class PlatformCloud(MemoryCloud):
    """Objects of both packages."""

    async def connect(self, log):
        """Make an instance: a `ProviderFactory`."""
        return _PlatformProvider(self)


class _PlatformProvider(MemoryProvider):
    async def create(self, request):
        made = await super().create(request)
        type_ = request.urn.split("::")[2].rpartition("$")[2]
        extra = {"arn": None, **OUTPUTS.get(type_, {})}
        if request.preview:
            return CreateResponse(made.id, {**made.properties, **dict.fromkeys(extra, UNKNOWN)})
        outputs = {**made.properties, **extra, "arn": f"arn:aws:test:eu-west-1:1:{made.id}"}
        if "vpcConfig" in extra:
            outputs["vpcConfig"] = {**made.properties["vpcConfig"], **extra["vpcConfig"]}
        self._cloud.objects[made.id] = outputs
        return CreateResponse(made.id, outputs)

    async def update(self, request):
        updated = await super().update(request)
        return {**request.old_outputs, **updated}

    async def invoke(self, request):
        return InvokeResponse(ANSWERS[request.token])
