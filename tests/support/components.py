"""
The conformance provider with components and methods, spoken on the raw protocol.

`test:index:Remote` is a component with one thing in it, `NAME-part`, whose `x` is its own; its
output is `out`. Told to `fail` in "construct" or "call", it fails so.
"""

from __future__ import annotations

from contextlib import contextmanager

import grpc
from pulumi.runtime.proto import provider_pb2, resource_pb2, resource_pb2_grpc

from tests.support.conformance.provider import (
    SECRET,
    UNKNOWN,
    TestProvider,
    plain,
    serve,
    to_dict,
    to_struct,
)


class ComponentProvider(TestProvider):
    """Constructs components through the monitor whose address it gets."""

    def Construct(self, request, context):  # noqa: N802
        inputs = to_dict(request.inputs)
        self._note("Construct", "", name=request.name, inputs=inputs, options=_describe(request))
        self._fail("construct", inputs, context)
        with grpc.insecure_channel(request.monitorEndpoint) as channel:
            monitor = resource_pb2_grpc.ResourceMonitorStub(channel)
            urn = monitor.RegisterResource(_build_component(request)).urn
            made = monitor.RegisterResource(_build_part(request, urn))
            outputs = to_struct({"out": to_dict(made.object).get("out", UNKNOWN)})
            monitor.RegisterResourceOutputs(
                resource_pb2.RegisterResourceOutputsRequest(urn=urn, outputs=outputs)
            )
        response = provider_pb2.ConstructResponse(urn=urn, state=outputs)
        response.stateDependencies["out"].urns.append(made.urn)
        return response

    def Call(self, request, context):  # noqa: N802
        args = to_dict(request.args)
        own = args.pop("__self__", {})
        self._note("Call", own.get("urn", ""), token=request.tok, args=args, dry=request.dryRun)
        self._fail("call", args, context)
        if plain(args).get("refuse"):
            failure = provider_pb2.CheckFailure(property="refuse", reason="refused")
            return provider_pb2.CallResponse(failures=[failure])
        said = {"said": plain(args).get("word"), "hidden": {**SECRET, "value": "s"}}
        return provider_pb2.CallResponse(**{"return": to_struct(said)})


def _describe(request):
    """Say what an engine passes on besides inputs, but for what differs from engine to engine."""
    hooks = {field.name: list(names) for field, names in request.resource_hooks.ListFields()}
    return {
        "parent": request.parent,
        "project": f"{request.organization}/{request.project}/{request.stack}",
        "config": dict(request.config),
        "secret": list(request.configSecretKeys),
        "dry": request.dryRun,
        "dependencies": sorted(request.dependencies),
        "inputDependencies": {
            key: sorted(item.urns) for key, item in request.inputDependencies.items() if item.urns
        },
        "providers": sorted(request.providers),
        "protect": request.protect if request.HasField("protect") else None,
        "timeouts": [request.customTimeouts.create, request.customTimeouts.update],
        "ignored": list(request.ignoreChanges),
        "hooks": hooks,
        "aliases": [alias.urn or alias.spec.name for alias in request.aliases],
    }


def _build_component(request):
    hooks = resource_pb2.RegisterResourceRequest.ResourceHooksBinding()
    for field, names in request.resource_hooks.ListFields():
        getattr(hooks, field.name).extend(names)
    registration = resource_pb2.RegisterResourceRequest(
        type=request.type,
        name=request.name,
        parent=request.parent,
        object=request.inputs,
        providers=request.providers,
        dependencies=request.dependencies,
        aliases=request.aliases,
        aliasSpecs=True,
        hooks=hooks,
        acceptSecrets=True,
        acceptResources=True,
        supportsResultReporting=True,
    )
    if request.HasField("protect"):
        registration.protect = request.protect
    return registration


def _build_part(request, urn):
    x = plain(to_dict(request.inputs)).get("x")
    return resource_pb2.RegisterResourceRequest(
        type="test:index:Thing",
        name=f"{request.name}-part",
        custom=True,
        parent=urn,
        object=to_struct({"x": x}),
        acceptSecrets=True,
        acceptResources=True,
        supportsResultReporting=True,
    )


@contextmanager
def serving_components():
    """Serve the provider on a loopback port; gives it and the port."""
    provider = ComponentProvider()
    server, port = serve(provider)
    try:
        yield provider, port
    finally:
        server.stop(None).wait()
