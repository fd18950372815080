"""
The monitor: what the program's SDK takes for its engine.

An object with the method names of the SDK's gRPC stub, called directly from the program's threads;
each call is answered by the operation on the engine's own loop. Translates requests into
goals and records into answers, and decides nothing.

Source: `sdk/proto/pulumi/resource.proto` of Pulumi 3.272.
"""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final, NoReturn, Protocol

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import resource_pb2

from meta_prefect.engine import urn as urns
from meta_prefect.engine.embedded.assets import add_hashes
from meta_prefect.engine.embedded.bridge import Bridge
from meta_prefect.engine.embedded.callbacks import Callbacks
from meta_prefect.engine.embedded.executor import Stopped
from meta_prefect.engine.embedded.failures import CallFailed, fail_call
from meta_prefect.engine.embedded.goals import Goal, ProviderWish, ReadGoal, Registered
from meta_prefect.engine.embedded.hooks import Hooks
from meta_prefect.engine.embedded.monitor_server import MonitorServer
from meta_prefect.engine.embedded.packages import PluginNeed
from meta_prefect.engine.embedded.program import ProgramSettings
from meta_prefect.engine.embedded.readings import (
    read_goal,
    read_id,
    read_need,
    read_package,
    read_position,
)
from meta_prefect.engine.embedded.remote import (
    build_call,
    build_construct,
    find_self,
    read_called,
    read_constructed,
)
from meta_prefect.engine.embedded.structs import build_struct, read_struct
from meta_prefect.engine.embedded.transforms import Transforms
from meta_prefect.interfaces.provider import InvokeResponse, ProviderError
from meta_prefect.interfaces.values import UNKNOWN, PropertyMap, has_unknowns

_FEATURES: Final = (
    resource_pb2.RESOURCE_MONITOR_FEATURE_SECRETS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
    resource_pb2.RESOURCE_MONITOR_FEATURE_OUTPUT_VALUES,
    resource_pb2.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
    resource_pb2.RESOURCE_MONITOR_FEATURE_REPLACE_WITH,
    resource_pb2.RESOURCE_MONITOR_FEATURE_REPLACEMENT_TRIGGER,
    resource_pb2.RESOURCE_MONITOR_FEATURE_PARAMETERIZATION,
    resource_pb2.RESOURCE_MONITOR_FEATURE_TRANSFORMS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_INVOKE_TRANSFORMS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_ERROR_HOOKS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_SENDS_OPTIONS_TO_HOOKS,
)
_LEGACY_FEATURES: Final = frozenset(
    {
        "secrets",
        "resourceReferences",
        "outputValues",
        "aliasSpecs",
        "deletedWith",
        "replaceWith",
        "parameterization",
        "transforms",
        "invokeTransforms",
        "resourceHooks",
        "errorHooks",
        "sendsOptionsToHooks",
    }
)


class Operation(Protocol):
    """The operation that the program is part of; its coroutines run on the engine's loop."""

    async def register(self, goal: Goal, wish: ProviderWish) -> Registered: ...

    async def read(self, goal: ReadGoal, wish: ProviderWish) -> Registered: ...

    async def register_outputs(self, urn: str, outputs: PropertyMap) -> None: ...

    async def invoke(
        self, token: str, args: PropertyMap, wish: ProviderWish
    ) -> InvokeResponse | None:
        """Call a function; None when its answer cannot be known yet."""
        ...

    async def exists(
        self, type: str, id: str, properties: PropertyMap, wish: ProviderWish
    ) -> bool | None:
        """Look for an object; None when its provider is not configured yet."""
        ...

    def list_providers(self, wish: ProviderWish) -> Mapping[str, str]:
        """Give the providers by package that a component has, its own and inherited ones."""
        ...

    async def construct(self, wish: ProviderWish, message: Any) -> Any:
        """Have a plugin construct a component; None when it is not configured yet."""
        ...

    async def call(self, urn: str, wish: ProviderWish, message: Any) -> Any:
        """Call the method of a resource; a URN that is empty leaves the choice to the wish."""
        ...

    async def stay(self) -> None:
        """Say that the program has nothing more to ask for; comes back when it may end."""
        ...


class Monitor:
    """The `ResourceMonitor` service as an object; method names are the protocol's."""

    def __init__(
        self,
        operation: Operation,
        settings: ProgramSettings,
        loop: asyncio.AbstractEventLoop,
        callbacks: Callbacks,
        hooks: Hooks,
        server: MonitorServer,
    ) -> None:
        """
        Answer a program's calls with what the operation does on its loop.

        `server` is for components of other processes.
        """
        self._operation = operation
        self._settings = settings
        self._bridge = Bridge(loop)
        self._callbacks = callbacks
        self._transforms = Transforms(callbacks)
        self._hooks = hooks
        self._lock = threading.Lock()
        self._packages: dict[str, PluginNeed] = {}
        self._server = server
        self._slow: Mapping[str, Callable[[Any], Coroutine[Any, Any, Any]]] = {
            "RegisterResource": self._register,
            "RegisterResourceOutputs": self._take_outputs,
            "ReadResource": self._read,
            "Invoke": self._invoke,
            "Call": self._call,
            "ExistsResource": self._exists,
            "SignalAndWaitForShutdown": self._stay,
        }

    def GetDeploymentInfo(self, request: empty_pb2.Empty) -> Any:  # noqa: ARG002, N802
        """Say what the operation is and what this engine can do."""
        settings = self._settings
        return resource_pb2.DeploymentInfo(
            project=settings.project,
            stack=settings.stack,
            organization="organization",
            config={key: item.value for key, item in settings.config.items()},
            configSecretKeys=[key for key, item in settings.config.items() if item.secret],
            dryRun=settings.preview,
            parallel=settings.parallel,
            supportedFeatures=_FEATURES,
        )

    def SupportsFeature(self, request: Any) -> Any:  # noqa: N802
        """Say the same, one feature at a time, to an older SDK."""
        return resource_pb2.SupportsFeatureResponse(hasSupport=request.id in _LEGACY_FEATURES)

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802
        """Bring a resource to what the program asks for."""
        return self._wait("RegisterResource", request)

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802
        """Take a component's outputs."""
        return self._wait("RegisterResourceOutputs", request)

    def ReadResource(self, request: Any) -> Any:  # noqa: N802
        """Look at a resource that the program does not own."""
        return self._wait("ReadResource", request)

    def Invoke(self, request: Any) -> Any:  # noqa: N802
        """Call a provider's function."""
        return self._wait("Invoke", request)

    def Call(self, request: Any) -> Any:  # noqa: N802
        """Call a resource's method."""
        return self._wait("Call", request)

    def ExistsResource(self, request: Any) -> Any:  # noqa: N802
        """Say whether an object exists; it does not become part of the stack."""
        return self._wait("ExistsResource", request)

    def RegisterStackTransform(self, request: Any) -> empty_pb2.Empty:  # noqa: N802
        """Have every later registration changed by a function of the program."""
        self._transforms.add_to_stack(request)
        return empty_pb2.Empty()

    def RegisterStackInvokeTransform(self, request: Any) -> empty_pb2.Empty:  # noqa: N802
        """Have every later function call changed by a function of the program."""
        self._transforms.add_to_invokes(request)
        return empty_pb2.Empty()

    def RegisterPackage(self, request: Any) -> Any:  # noqa: N802
        """Take what a package's plugin is found by; the same package has one reference."""
        if request.HasField("extension"):
            fail_call(f"package {request.name} extends another one, which needs Pulumi itself")
        need = read_package(request)
        with self._lock:
            known = {item: reference for reference, item in self._packages.items()}
            reference = known.get(need) or str(uuid.uuid4())
            self._packages[reference] = need
        return resource_pb2.RegisterPackageResponse(ref=reference)

    def RegisterResourceHook(self, request: Any) -> empty_pb2.Empty:  # noqa: N802
        """Take a function of the program that runs before or after steps."""
        with _failures():
            self._hooks.add(request)
        return empty_pb2.Empty()

    def RegisterErrorHook(self, request: Any) -> empty_pb2.Empty:  # noqa: N802
        """Take a function of the program that is asked about failed steps."""
        with _failures():
            self._hooks.add_for_errors(request)
        return empty_pb2.Empty()

    def SignalAndWaitForShutdown(self, request: empty_pb2.Empty) -> Any:  # noqa: N802
        """Let the program end, but not before nobody may call its functions any more."""
        if self._hooks or self._callbacks.are_in_use:
            return self._wait("SignalAndWaitForShutdown", request)
        return empty_pb2.Empty()

    def __getattr__(self, name: str) -> Callable[[Any], NoReturn]:
        """Refuse every other call of the protocol, as a server without it would."""

        def refuse(request: Any) -> NoReturn:  # noqa: ARG001
            text = f"the embedded engine does not know {name}; use Pulumi itself"
            raise CallFailed(grpc.StatusCode.UNIMPLEMENTED, text)

        return refuse

    async def answer(self, name: str, request: Any) -> Any:
        """
        Answer a call of a component in another process, on the engine's loop.

        Raises:
            CallFailed: as the method of that name does.
        """
        if name not in self._slow:
            return getattr(self, name)(request)
        with _failures():
            return await self._slow[name](request)

    def _wait(self, name: str, request: Any) -> Any:
        with _failures():
            return self._bridge.call(self._slow[name], request)

    async def _stay(self, request: Any) -> empty_pb2.Empty:  # noqa: ARG002 - it says nothing
        await self._operation.stay()
        return empty_pb2.Empty()

    async def _register(self, request: Any) -> Any:
        request = await self._transforms.apply(self._build_urn(request), request)
        if request.remote:
            return await self._construct(request)
        goal = read_goal(
            request,
            self._build_urn(request),
            await self._read_inputs(request.object),
            self._settings.root,
        )
        wish = self._read_wish(request, request.type, request.parent)
        registered = await self._operation.register(goal, wish)
        state = registered.state
        return resource_pb2.RegisterResourceResponse(
            urn=state.urn,  # out of scope it may still have its former name
            id="" if registered.failed or registered.unknown else state.id,
            object=build_struct(state.outputs, keep_references=request.acceptResources),
            result=resource_pb2.FAIL if registered.failed else resource_pb2.SUCCESS,
            unknown=registered.unknown,
        )

    async def _construct(self, request: Any) -> Any:
        wish = self._read_wish(request, request.type, request.parent)
        providers = self._operation.list_providers(wish)
        address = await self._server.start(self.answer)
        response = await self._operation.construct(
            wish, build_construct(request, self._settings, address, providers)
        )
        if response is not None:
            return read_constructed(response, keep_references=request.acceptResources)
        # The plugin is not configured yet, so the engine registers an empty component for it.
        empty = resource_pb2.RegisterResourceRequest(
            type=request.type, name=request.name, parent=request.parent
        )
        return await self._register(empty)

    async def _call(self, request: Any) -> Any:
        urn, reference = find_self(request)
        wish = self._read_wish(request, request.tok, "")
        address = await self._server.start(self.answer)
        response = await self._operation.call(
            urn,
            replace(wish, reference=reference or wish.reference),
            build_call(request, self._settings, address),
        )
        return read_called(response)

    async def _take_outputs(self, request: Any) -> empty_pb2.Empty:
        outputs = await self._read_inputs(request.outputs)
        await self._operation.register_outputs(request.urn, outputs)
        return empty_pb2.Empty()

    async def _read(self, request: Any) -> Any:
        goal = ReadGoal(
            self._build_urn(request),
            request.type,
            request.name,
            read_id(request.id),
            await self._read_inputs(request.properties),
            request.parent,
            dependencies=tuple(sorted(request.dependencies)),
            additional_secret_outputs=tuple(request.additionalSecretOutputs),
            source_position=read_position(request, self._settings.root),
        )
        wish = self._read_wish(request, request.type, request.parent)
        registered = await self._operation.read(goal, wish)
        state = registered.state
        return resource_pb2.ReadResourceResponse(
            urn=goal.urn,
            id=state.id,
            properties=build_struct(state.outputs, keep_references=request.acceptResources),
            result=resource_pb2.FAIL if registered.failed else resource_pb2.SUCCESS,
            unknown=registered.unknown,
        )

    async def _exists(self, request: Any) -> Any:
        id = read_id(request.id)
        properties = read_struct(request.properties)
        if id is UNKNOWN or has_unknowns(properties):
            return resource_pb2.ExistsResourceResponse(unknown=True)
        wish = self._read_wish(request, request.type, request.parent)
        exists = await self._operation.exists(request.type, str(id), properties, wish)
        return resource_pb2.ExistsResourceResponse(exists=bool(exists), unknown=exists is None)

    async def _invoke(self, request: Any) -> Any:
        request = await self._transforms.apply_to_invoke(request)
        args = read_struct(request.args)
        if has_unknowns(args):
            return resource_pb2.ResourceInvokeResponse(unknown=True)
        wish = self._read_wish(request, request.tok, request.parent)
        response = await self._operation.invoke(request.tok, args, wish)
        if response is None:
            return resource_pb2.ResourceInvokeResponse(unknown=True)
        answer = resource_pb2.ResourceInvokeResponse()
        result = build_struct(response.result, keep_references=request.acceptResources)
        getattr(answer, "return").CopyFrom(result)
        for failure in response.failures:
            answer.failures.add(property=failure.property, reason=failure.reason)
        return answer

    def _read_wish(self, request: Any, token: str, parent: str) -> ProviderWish:
        need = self._packages.get(request.packageRef)
        if request.packageRef and need is None:
            fail_call(f"{token} is of a package that was not registered")
        return ProviderWish(
            need or read_need(request, token),
            request.provider,
            dict(getattr(request, "providers", {})),
            parent,
        )

    async def _read_inputs(self, struct: Any) -> PropertyMap:
        return await add_hashes(read_struct(struct), self._settings.root)

    def _build_urn(self, request: Any) -> str:
        stack, project = self._settings.stack, self._settings.project
        return urns.build_child_urn(stack, project, request.parent, request.type, request.name)


@contextmanager
def _failures() -> Iterator[None]:
    """Turn what goes wrong into failures of the call."""
    try:
        yield
    except (Stopped, CancelledError, RuntimeError) as error:
        raise CallFailed(grpc.StatusCode.UNAVAILABLE, "the operation has ended") from error
    except ProviderError as error:
        raise CallFailed(grpc.StatusCode.UNKNOWN, str(error)) from error
