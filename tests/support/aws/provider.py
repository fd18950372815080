"""
The double of the AWS provider: what all its resource types share.

Checks inputs against the installed SDK, names what has no name, previews without a call to AWS,
compares, and has the calls of a type's row made in threads, as boto3 blocks. Which calls those are
is said in `kinds`.
"""

from __future__ import annotations

import asyncio
import importlib
import re
import secrets
import warnings
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from botocore.exceptions import BotoCoreError, ClientError

from meta_prefect.interfaces.provider import (
    CheckResponse,
    ConfigureResponse,
    CreateResponse,
    PartlyDone,
    ProviderError,
    ReadResponse,
)
from meta_prefect.interfaces.values import UNKNOWN, has_unknowns, without_secrets
from tests.support.aws.drift import find_inputs
from tests.support.aws.functions import FUNCTIONS
from tests.support.aws.kept import KeptObjects
from tests.support.aws.kind import Call
from tests.support.aws.kinds import KINDS
from tests.support.aws.settings import check_settings, read_settings
from tests.support.plugins.differences import answer_diff, is_under
from tests.support.plugins.sdk_inputs import find_class

_THREADS = 32
_HEX_DIGITS = 7


class AwsDouble:
    """A provider of the package `aws` whose cloud is wherever boto3 is told to look."""

    def __init__(self, kept):
        self._kept = KeptObjects(kept)
        self._settings = read_settings({})
        self._clients = self._settings.build_clients()
        self._threads = ThreadPoolExecutor(_THREADS)

    async def check_config(self, request):
        return CheckResponse(request.news, await self._run(check_settings, request.news))

    async def diff_config(self, request):
        return answer_diff(
            request.old_inputs, request.news, lambda path: is_under(path, "region"), ()
        )

    async def configure(self, request):
        self._settings = read_settings(without_secrets(request.args))
        self._clients = self._settings.build_clients()
        return ConfigureResponse()

    async def check(self, request):
        sdk = await self._run(find_sdk_class, find_type(request.urn))
        failures = sdk.check(request.news)
        if failures:
            return CheckResponse(request.news, failures)
        return CheckResponse(_name(request))

    async def diff(self, request):
        kind = KINDS[find_type(request.urn)]
        return answer_diff(
            request.old_inputs,
            request.news,
            lambda path: _replaces(kind, path),
            request.ignore_changes,
        )

    async def create(self, request):
        sdk = find_sdk_class(find_type(request.urn))
        if request.preview:
            return CreateResponse(UNKNOWN, self._foresee(sdk, request.properties))
        call = self._prepare(request.properties)
        try:
            outputs = await self._run(self._create, request.urn, call)
        except ProviderError as error:
            if not call.id:
                raise
            inputs = request.properties
            raise PartlyDone(call.id, inputs, inputs, (str(error),)) from error
        return CreateResponse(call.id, outputs)

    async def read(self, request):
        call = self._prepare(request.inputs, id=request.id, outputs=request.properties)
        outputs = await self._run(self._read, request.urn, call)
        if outputs is None:
            return ReadResponse("")
        inputs = find_inputs(request.inputs, outputs)
        if not request.inputs:
            # A region is asked for where it is another one than the provider's.
            common = {"region": self._settings.region}
            outputs_asked = {k: v for k, v in outputs.items() if common.get(k) != v}
            inputs = await self._run(_guess_inputs, find_type(request.urn), outputs_asked)
        return ReadResponse(call.id, outputs, inputs)

    async def update(self, request):
        kind = KINDS[find_type(request.urn)]
        if request.preview:
            return {**request.old_outputs, **request.news, **_foresee_changing(kind, request)}
        call = self._prepare(
            request.news,
            id=request.id,
            outputs=without_secrets(request.old_outputs),
            old_inputs=without_secrets(request.old_inputs),
        )
        return await self._run(self._update, request.urn, call)

    async def delete(self, request):
        call = self._prepare(
            request.old_inputs, id=request.id, outputs=without_secrets(request.old_outputs)
        )
        await self._run(_guarded, request.urn, call, KINDS[find_type(request.urn)].delete)

    async def invoke(self, request):
        if request.token not in FUNCTIONS:
            raise ProviderError(f"the AWS double has no function {request.token}")
        call = self._prepare(request.args)
        return await self._run(_guarded, request.token, call, FUNCTIONS[request.token])

    async def cancel(self): ...

    async def close(self):
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _run(self, function, *arguments):
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, *arguments)

    def _prepare(self, inputs, **more):
        inputs = without_secrets(inputs)
        if has_unknowns(inputs):
            raise ProviderError("an input is not known while applying")
        own = inputs.get("tags")
        return Call(
            clients=self._clients,
            region=inputs.get("region") or self._settings.region,
            kept=self._kept,
            inputs=dict(inputs),
            tags={**self._settings.default_tags, **(own if isinstance(own, dict) else {})},
            **more,
        )

    def _foresee(self, sdk, inputs):
        known = {"region": self._settings.region} if "region" in sdk.outputs else {}
        return {**dict.fromkeys(sdk.outputs, UNKNOWN), **known, **inputs}

    def _create(self, urn, call):
        _guarded(urn, call, KINDS[find_type(urn)].create)
        return self._read(urn, call)

    def _update(self, urn, call):
        kind = KINDS[find_type(urn)]
        if kind.update is None:
            raise ProviderError(f"{find_type(urn)} cannot be changed in place")
        _guarded(urn, call, kind.update)
        return self._read(urn, call)

    def _read(self, urn, call):
        """Give the outputs: what was asked for, and what the world says in its place."""
        type = find_type(urn)
        found = _guarded(urn, call, KINDS[type].read)
        if found is None:
            return None
        sdk = find_sdk_class(type)
        outputs = {**call.inputs, **{k: v for k, v in found.items() if k in sdk.outputs}}
        if "tagsAll" in sdk.outputs:
            outputs.setdefault("tagsAll", found.get("tags", call.tags))
            outputs["tags"] = self._find_own_tags(call, outputs["tagsAll"])
        if "region" in sdk.outputs:
            outputs["region"] = call.region
        return {key: value for key, value in outputs.items() if value is not None}

    def _find_own_tags(self, call, tags):
        """Leave out what the provider adds to every resource, unless the resource says it too."""
        own = call.inputs.get("tags") or {}
        defaults = self._settings.default_tags
        found = {k: v for k, v in tags.items() if k in own or defaults.get(k) != v}
        return found if found or own else None


def find_type(urn):
    """Give the type that a URN names."""
    return urn.split("::")[2].rpartition("$")[2]


@cache
def find_sdk_class(type):
    """
    Give the SDK's class of a type.

    Raises:
        ProviderError: the double has no such type, or the SDK has none.
    """
    if type not in KINDS:
        raise ProviderError(f"the AWS double has no resource type {type}")
    _, module, name = type.split(":")
    with warnings.catch_warnings():
        # The package warns of its own deprecated classes while it is imported.
        warnings.simplefilter("ignore", DeprecationWarning)
        found = find_class(importlib.import_module(build_module_name(module)), name)
    if found is None:
        raise ProviderError(f"the installed pulumi_aws has no resource type {type}")
    return found


def build_module_name(module):
    """Give the SDK's module for the middle part of a token: `ec2/natGateway`."""
    parts = [re.sub(r"(?<!^)(?=[A-Z])", "_", part).lower() for part in module.split("/")]
    return ".".join(["pulumi_aws", *(part for part in parts if part != "index")])


def _guarded(urn, call, function):
    """
    Make the calls of a row.

    Raises:
        ProviderError: AWS refuses, or is not to be reached.
    """
    try:
        return function(call)
    except ClientError as error:
        raise ProviderError(f"{find_type(urn) if '::' in urn else urn}: {error}") from error
    except BotoCoreError as error:
        raise ProviderError(f"AWS cannot be asked: {error}") from error


def _name(request):
    """Fill in the name: the one it has, or one made of the logical name."""
    kind = KINDS[find_type(request.urn)]
    if not kind.name or request.news.get(kind.name) or request.news.get(kind.prefix):
        return request.news
    digits = request.random_seed.hex()[:_HEX_DIGITS] or secrets.token_hex(4)[:_HEX_DIGITS]
    made = f"{request.urn.rpartition('::')[2]}-{digits}"
    return {**request.news, kind.name: request.olds.get(kind.name) or made}


def _replaces(kind, path):
    """Say whether a changed path means a new object."""
    if kind.update is None:
        return True
    places = kind.replaces | {kind.name, kind.prefix, "region"}
    return any(is_under(path, place) for place in places)


def _foresee_changing(kind, request):
    """Give the outputs that an update changes; another tag changes none."""
    changed = {
        name
        for name in request.news.keys() | request.old_inputs.keys()
        if request.news.get(name) != request.old_inputs.get(name)
    }
    return dict.fromkeys(kind.changing, UNKNOWN) if changed - {"tags"} else {}


def _guess_inputs(type, outputs):
    """Give inputs for an object that was made elsewhere: all that it says and may be asked for."""
    asked = find_sdk_class(type).inputs
    kind = KINDS[type]
    return {
        key: value
        for key, value in outputs.items()
        if key in asked and value not in ("", [], {}) and key != kind.prefix
    }
