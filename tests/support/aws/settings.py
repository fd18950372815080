"""
The provider's own inputs: where AWS is, who asks, and the tags of everything.

Nested ones come as JSON text when they are in a stack's configuration. As with AWS's own tools,
what is not said here is taken from the environment, by boto3 itself.
"""

from __future__ import annotations

import importlib
import json
import os
from dataclasses import dataclass, field

from meta_prefect.interfaces.provider import CheckFailure
from meta_prefect.interfaces.values import UNKNOWN, without_secrets
from tests.support.aws.clients import Clients, find_session
from tests.support.plugins.sdk_inputs import find_class

_CREDENTIALS = {
    "accessKey": "aws_access_key_id",
    "secretKey": "aws_secret_access_key",
    "token": "aws_session_token",
}
# What the SDK calls a service where boto3 has another name.
_SERVICES = {"cloudwatchlogs": "logs", "cloudwatchevents": "events"}
# Inputs that are not of the provider but of whoever starts it.
_ENGINE_INPUTS = frozenset({"version", "pluginDownloadURL", "pluginChecksums"})


@dataclass(frozen=True)
class Settings:
    """
    What calls are made with.

    endpoints: addresses of services, by boto3's name.
    credentials: arguments for boto3's clients.
    """

    region: str
    default_tags: dict = field(default_factory=dict)
    endpoints: dict = field(default_factory=dict)
    credentials: dict = field(default_factory=dict)

    def build_clients(self):
        """Make a store of clients; none is connected yet."""
        return Clients(self.credentials, self.endpoints)


def find_region():
    """Give the region of the environment; empty when it has none."""
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION", "")


def read_settings(inputs):
    """Read the provider's inputs, plain values."""
    inputs = {key: _parse(value) for key, value in inputs.items()}
    tags = (inputs.get("defaultTags") or {}).get("tags") or {}
    endpoints = {
        _SERVICES.get(service, service): address
        for group in inputs.get("endpoints") or ()
        for service, address in group.items()
    }
    credentials = {
        name: inputs[key] for key, name in _CREDENTIALS.items() if inputs.get(key) is not None
    }
    return Settings(inputs.get("region") or find_region(), tags, endpoints, credentials)


def check_settings(inputs):
    """
    Say what is wrong with the provider's inputs, and that nobody is logged in.

    The official plugin says so here, too, once for all resources (pulumi-aws, issue 4076).
    """
    provider = find_class(importlib.import_module("pulumi_aws.provider"), "Provider")
    plain = {
        key: _parse(value)
        for key, value in without_secrets(inputs).items()
        if key not in _ENGINE_INPUTS
    }
    failures = provider.check(plain)
    if not plain.get("region") and not find_region():
        failures += (CheckFailure("region", "missing region: set aws:region or AWS_REGION"),)
    if not plain.get("accessKey") and find_session().get_credentials() is None:
        failures += (CheckFailure("", "No valid credential sources found."),)
    return failures


def _parse(value):
    """Read an input that came as JSON text; other texts stay what they are."""
    if isinstance(value, str) and value is not UNKNOWN and value[:1] in {"{", "["}:
        return json.loads(value)
    return value
