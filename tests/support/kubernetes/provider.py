"""
The double of the Kubernetes provider, on a real API server.

Checks inputs against the installed SDK, previews by dry runs, applies on the server's side, waits
until things are ready, and reads what the program said back. What it knows of kinds is in `kinds`.
"""

from __future__ import annotations

import asyncio
import importlib
import tempfile
import time
from functools import cache
from pathlib import Path

import httpx

from meta_prefect.interfaces.provider import (
    Changes,
    CheckFailure,
    CheckResponse,
    ConfigureResponse,
    CreateResponse,
    DiffResponse,
    PartlyDone,
    ProviderError,
    ReadResponse,
)
from meta_prefect.interfaces.values import UNKNOWN, has_unknowns, without_secrets
from tests.support.kubernetes import objects
from tests.support.kubernetes.api import Api, ApiError
from tests.support.kubernetes.kinds import CLUSTER_KINDS, find_lack, list_replacing
from tests.support.kubernetes.kubeconfig import (
    KubeconfigError,
    find_server,
    load_kubeconfig,
    read_access,
)
from tests.support.kubernetes.settings import Settings, check_settings, read_settings
from tests.support.plugins.differences import answer_diff, find_differences, is_under
from tests.support.plugins.sdk_inputs import find_class

_WAIT_SECONDS = 600
_POLL_SECONDS = 0.25


class KubernetesDouble:
    """A provider of the package `kubernetes`."""

    def __init__(self):
        self._settings = Settings()
        self._api = None
        self._unreachable = "the provider is not configured"
        self._folder = tempfile.TemporaryDirectory(prefix="kubernetes-double-")
        self._cancelled = asyncio.Event()

    async def check_config(self, request):
        return CheckResponse(request.news, check_settings(request.news))

    async def diff_config(self, request):
        """Say that another cluster means another provider; another way to the same does not."""
        old, new = (without_secrets(x) for x in (request.old_inputs, request.news))
        replaces = () if _is_same_cluster(old, new) else ("kubeconfig", "context")
        return answer_diff(old, new, lambda path: any(is_under(path, x) for x in replaces))

    async def configure(self, request):
        self._settings = read_settings(without_secrets(request.args))
        try:
            config = load_kubeconfig(self._settings.kubeconfig)
            folder = Path(self._folder.name)
            self._api = Api(read_access(config, self._settings.context, folder))
            self._unreachable = ""
        except KubeconfigError as error:
            self._unreachable = str(error)
        return ConfigureResponse()

    async def check(self, request):
        type = find_type(request.urn)
        sdk = find_sdk_class(type)
        news = objects.spell_for_sdk(request.news)
        failures = (sdk.check(news) if sdk else _check_custom(news)) + _check_name(news)
        if failures:
            return CheckResponse(news, failures)
        namespace = await self._find_namespace(news)
        name = request.urn.rpartition("::")[2]
        olds = without_secrets(request.olds)
        return CheckResponse(objects.complete(news, olds, namespace, name))

    async def diff(self, request):
        paths = list_replacing(request.news["kind"], self._settings)
        answer = answer_diff(
            request.old_inputs,
            request.news,
            lambda path: any(is_under(path, place) for place in paths),
            request.ignore_changes,
        )
        if answer.changes is Changes.NONE:
            return answer
        return DiffResponse(
            answer.changes,
            answer.diffs,
            answer.replaces,
            answer.detailed_diff,
            _stands_in_the_way(request.old_inputs, request.news),
        )

    async def create(self, request):
        asked = without_secrets(request.properties)
        if request.preview:
            return CreateResponse(UNKNOWN, await self._preview(asked, {}, objects.build_manager()))
        manager = objects.build_manager()
        if not self._settings.upsert and await self._exists(asked):
            name = asked["metadata"]["name"]
            raise ProviderError(f"resource {asked['kind']} {name} already exists")
        live = await self._apply(asked, manager)
        await self._wait(live, asked, request, manager)
        live = await self._read(asked["apiVersion"], asked["kind"], objects.build_id(live)) or live
        return CreateResponse(objects.build_id(live), _build_outputs(live, manager))

    async def read(self, request):
        version, kind = split_type(find_type(request.urn))
        live = await self._read(version, kind, request.id)
        if live is None:
            return ReadResponse("")
        outputs = _build_outputs(live, request.properties.get(objects.MANAGER))
        inputs = objects.find_live_inputs(request.inputs, live)
        return ReadResponse(request.id, outputs, inputs or objects.list_asked(live))

    async def update(self, request):
        asked = without_secrets(request.news)
        outputs = without_secrets(request.old_outputs)
        manager = outputs.get(objects.MANAGER) or objects.build_manager()
        if request.preview:
            return await self._preview(asked, outputs, manager)
        live = await self._apply(asked, manager)
        await self._wait(live, asked, request, manager)
        live = await self._read(asked["apiVersion"], asked["kind"], request.id) or live
        return _build_outputs(live, manager)

    async def delete(self, request):
        version, kind = split_type(find_type(request.urn))
        if self._unreachable and self._settings.delete_unreachable:
            return
        annotations = (request.old_inputs.get("metadata") or {}).get("annotations") or {}
        propagation = annotations.get(objects.PROPAGATION, "foreground").capitalize()
        path = await self._find_path(version, kind, request.id)
        if path is None:
            return
        await self._asking(self._demand().delete(path, propagation))
        deadline = time.monotonic() + (request.timeout_seconds or _WAIT_SECONDS)
        while await self._asking(self._demand().get(path)) is not None:
            await self._pause(deadline, f"{kind} {request.id} is still being deleted")

    async def invoke(self, request):
        raise ProviderError(f"the Kubernetes double has no function {request.token}")

    async def cancel(self):
        self._cancelled.set()

    async def close(self):
        if self._api is not None:
            await self._api.close()
        self._folder.cleanup()

    def _demand(self):
        """
        Give the API server.

        Raises:
            ProviderError: there is none.
        """
        if self._unreachable:
            raise ProviderError(f"the Kubernetes cluster is unreachable: {self._unreachable}")
        return self._api

    async def _asking(self, question):
        """Wait for an answer; a refusal, or none at all, is the provider's error."""
        try:
            return await question
        except ApiError as error:
            raise Refused(str(error), error.status, error.reason) from error
        except httpx.TransportError as error:
            reason = str(error) or type(error).__name__
            raise ProviderError(f"the Kubernetes cluster is unreachable: {reason}") from error

    async def _find_namespace(self, inputs):
        """Give the namespace of objects that name none; None for kinds that lie in none."""
        if inputs.get("kind") in CLUSTER_KINDS:
            return None
        mine = self._settings.namespace or (self._api.access.namespace if self._api else "")
        if not is_custom(inputs["apiVersion"]):
            return mine or "default"
        try:
            question = self._demand().find_kind(inputs["apiVersion"], inputs["kind"])
            found = await self._asking(question)
        except ProviderError:
            return mine or "default"
        return (mine or "default") if found[2] else None

    async def _exists(self, asked):
        return await self._asking(self._demand().get(await self._build_path(asked))) is not None

    async def _build_path(self, asked):
        metadata = asked["metadata"]
        return await self._explain(
            asked,
            self._demand().build_path(
                asked["apiVersion"], asked["kind"], metadata.get("namespace"), metadata["name"]
            ),
        )

    async def _apply(self, asked, manager, *, dry_run=False):
        path = await self._build_path(asked)
        force = self._settings.patch_force or objects.is_set(asked, objects.FORCE)
        body = objects.spell_for_server(asked)
        return await self._explain(
            asked, self._demand().apply(path, body, manager, force=force, dry_run=dry_run)
        )

    async def _explain(self, asked, question):
        """
        Ask about an object.

        Raises:
            ProviderError: the server refused; says which object, and what frees a conflict.
        """
        try:
            return await self._asking(question)
        except Refused as error:
            name = f"{asked['kind']} {asked['metadata'].get('name')}"
            hint = f"; set {objects.FORCE} to take it over" if error.reason == "Conflict" else ""
            raise Refused(f"{name}: {error}{hint}", error.status, error.reason) from error

    async def _preview(self, asked, outputs, manager):
        """Say what an apply would give; only what was asked where that cannot be known."""
        guess = {"status": UNKNOWN, **outputs, **asked, objects.MANAGER: manager}
        if has_unknowns(asked) or self._unreachable:
            return guess
        try:
            live = await self._apply(asked, manager, dry_run=True)
        except Refused as error:
            # Its namespace or its kind may be made by the same program.
            if error.status == httpx.codes.NOT_FOUND:
                return guess
            raise
        return _build_outputs(objects.foresee(live, outputs), manager)

    async def _wait(self, live, asked, request, manager):
        """
        Wait until an object is ready.

        Raises:
            PartlyDone: it is there, but never became ready.
        """
        if objects.is_set(asked, objects.SKIP_AWAIT):
            return
        id = objects.build_id(live)
        deadline = time.monotonic() + (request.timeout_seconds or _WAIT_SECONDS)
        try:
            while live is not None and (lack := find_lack(live)) is not None:
                await self._pause(deadline, lack)
                live = await self._read(asked["apiVersion"], asked["kind"], id)
        except ProviderError as error:
            outputs = _build_outputs(live, manager)
            raise PartlyDone(id, outputs, asked, (f"{asked['kind']} {id}: {error}",)) from error

    async def _pause(self, deadline, lack):
        if time.monotonic() > deadline:
            raise ProviderError(f"it took too long: {lack}")
        if self._cancelled.is_set():
            raise ProviderError(f"cancelled while {lack}")
        await asyncio.sleep(_POLL_SECONDS)

    async def _read(self, version, kind, id):
        path = await self._find_path(version, kind, id)
        return None if path is None else await self._asking(self._demand().get(path))

    async def _find_path(self, version, kind, id):
        """Give the path of an object; None when its kind is gone, which took it along."""
        namespace, name = objects.split_id(id)
        try:
            return await self._asking(self._demand().build_path(version, kind, namespace, name))
        except Refused as error:
            if error.status == httpx.codes.NOT_FOUND:
                return None
            raise


class Refused(ProviderError):
    """The API server refused; `status` is HTTP's, `reason` Kubernetes' own word."""

    def __init__(self, text, status, reason):
        super().__init__(text)
        self.status = status
        self.reason = reason


def find_type(urn):
    """Give the type that a URN names."""
    return urn.split("::")[2].rpartition("$")[2]


def split_type(type):
    """Give API version and kind of a token: `kubernetes:apps/v1:Deployment`."""
    _, version, kind = type.split(":")
    return version.removeprefix("core/"), kind


def is_custom(version):
    """Say whether an API version is none of Kubernetes' own."""
    group = version.partition("/")[0] if "/" in version else ""
    return "." in group and not group.endswith(".k8s.io")


@cache
def find_sdk_class(type):
    """
    Give the SDK's class of a type; None for kinds that only a cluster can know.

    Raises:
        ProviderError: Kubernetes has no such kind, or it is none that the double manages.
    """
    _, version, kind = type.split(":")
    if is_custom(version):
        return None
    group, _, number = version.partition("/")
    name = f"pulumi_kubernetes.{group.partition('.')[0]}.{number}"
    try:
        found = find_class(importlib.import_module(name), kind)
    except ModuleNotFoundError:
        found = None
    if found is None or kind.endswith(("Patch", "List")):
        raise ProviderError(f"the Kubernetes double has no resource type {type}")
    return found


def _check_custom(inputs):
    missing = [name for name in ("apiVersion", "kind") if not inputs.get(name)]
    return tuple(CheckFailure(name, "a required property is missing") for name in missing)


def _check_name(inputs):
    metadata = without_secrets(inputs.get("metadata"))
    if isinstance(metadata, dict) and metadata.get("generateName") and not metadata.get("name"):
        reason = "an object that is applied on the server's side needs a name"
        return (CheckFailure("metadata.generateName", reason),)
    return ()


def _is_same_cluster(old, new):
    """Say whether two sets of provider inputs lead to one cluster, as far as can be known."""
    before, after = read_settings(old), read_settings(new)
    if after.cluster_identifier:
        return after.cluster_identifier == before.cluster_identifier
    changed = set(find_differences(old, new)) & {"kubeconfig", "context"}
    if not changed or has_unknowns(new):
        return True
    try:
        servers = [
            find_server(load_kubeconfig(item.kubeconfig), item.context) for item in (before, after)
        ]
    except KubeconfigError:
        return True
    return servers[0] == servers[1]


def _stands_in_the_way(old, new):
    """Say whether the old object has the name that the new one needs; a made name is another."""
    if objects.is_set(without_secrets(new), objects.AUTONAMED):
        return False
    old, new = (objects.read_metadata(without_secrets(inputs)) for inputs in (old, new))
    places = [(item.get("namespace"), item.get("name")) for item in (old, new)]
    return places[0] == places[1] and places[0][1] is not None


def _build_outputs(live, manager):
    return {**objects.strip(live), objects.MANAGER: manager}
