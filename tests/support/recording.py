"""
A monitor that notes what a program registers, with all options, and makes nothing.

Outputs look like those of AWS as far as our components read them. Not to be confused with
`embedded`, which runs a program on the engine.
"""

from __future__ import annotations

import asyncio
import importlib
import warnings
from dataclasses import dataclass, field

import pulumi
from pulumi.runtime import rpc
from pulumi.runtime.mocks import MockMonitor

from tests.support.plugins.sdk_inputs import find_class

PROJECT, STACK = "shop", "dev"
ACCOUNT = "123456789012"
OUTPUTS = {
    "aws:eks/cluster:Cluster": {
        "identities": [{"oidcs": [{"issuer": "https://oidc.eks/id"}]}],
        "certificateAuthority": {"data": "Y2E="},
        "endpoint": "https://eks.test",
        "vpcConfig": {"clusterSecurityGroupId": "sg-cluster"},
    },
    "aws:ec2/launchTemplate:LaunchTemplate": {"latestVersion": 1},
    "aws:ecr/repository:Repository": {"repositoryUrl": "registry.test/repository"},
    "prefect:index:WorkPool": {"workPoolId": "pool-id"},
}
ANSWERS = {
    "aws:index/getCallerIdentity:getCallerIdentity": {"accountId": ACCOUNT},
    "aws:index/getPartition:getPartition": {"partition": "aws"},
    "aws:index/getRegion:getRegion": {"region": "eu-west-1"},
    "aws:index/getAvailabilityZones:getAvailabilityZones": {
        "names": ["eu-west-1a", "eu-west-1b", "eu-west-1c", "eu-west-1d"]
    },
    "aws:ecr/getAuthorizationToken:getAuthorizationToken": {
        "userName": "AWS",
        "password": "token",
    },
    "aws:eks/getAddon:getAddon": {"addonName": "eks-pod-identity-agent"},
    "aws:resourcegroupstaggingapi/getResources:getResources": {"resourceTagMappingLists": []},
    "aws:eks/getCluster:getCluster": {
        "name": "theirs",
        "arn": f"arn:aws:eks:eu-west-1:{ACCOUNT}:cluster/theirs",
        "endpoint": "https://theirs.test",
        "certificateAuthorities": [{"data": "Y2E="}],
        "identities": [{"oidcs": [{"issuer": "https://oidc.eks/theirs"}]}],
        "vpcConfig": {"clusterSecurityGroupId": "sg-theirs"},
    },
}


@dataclass
class Registered:
    """One resource as it was registered; parent, dependencies and provider by name."""

    type: str
    name: str
    inputs: dict
    parent: str
    dependencies: set
    provider: str
    request: object = field(repr=False)


class RecordingMonitor(MockMonitor):
    """Keeps registrations by name, and the functions that were called."""

    def __init__(self, answers):
        super().__init__(_Mocks(answers))
        self.made = {}

    def RegisterResource(self, request):  # noqa: N802 - the protocol's name
        response = super().RegisterResource(request)
        if request.type != "pulumi:pulumi:Stack":
            self.made[request.name] = Registered(
                request.type,
                request.name,
                _read_inputs(request.object),
                _name(request.parent),
                {_name(urn) for urn in request.dependencies},
                _name(request.provider.rpartition("::")[0]),
                request,
            )
        return response


class _Mocks(pulumi.runtime.Mocks):
    def __init__(self, answers):
        self._answers = {**ANSWERS, **answers}

    def new_resource(self, args):
        outputs = {
            "arn": f"arn:aws:test:eu-west-1:{ACCOUNT}:{args.name}",
            **args.inputs,
            **OUTPUTS.get(args.typ, {}),
        }
        if args.typ == "aws:eks/cluster:Cluster":
            config = {**args.inputs["vpcConfig"], **outputs["vpcConfig"]}
            outputs["vpcConfig"] = config
        return args.resource_id or f"id-of-{args.name}", outputs

    def call(self, args):
        return self._answers[args.token]


def _read_inputs(properties):
    values = rpc.deserialize_properties(properties)
    return {
        key: rpc.unwrap_rpc_secret(value) if rpc.is_rpc_secret(value) else value
        for key, value in values.items()
    }


def _name(urn):
    return urn.rpartition("::")[2]


def record(program, *, preview=False, answers=None):
    """
    Run a program; gives what it registered by name, each checked against the SDK.

    answers: of functions by token, beside those that all tests share; one of properties and
        failures is a refusal.
    """
    monitor = RecordingMonitor(answers or {})
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        pulumi.runtime.set_mocks(monitor.mocks, PROJECT, STACK, preview, monitor=monitor)
        pulumi.runtime.test(program)()
    finally:
        asyncio.set_event_loop(None)
        loop.close()
    for item in monitor.made.values():
        assert list_faults(item) == [], (item.name, list_faults(item))
    return monitor.made


def list_faults(item):
    """Say what is wrong with the inputs of an official package's resource."""
    package, _, rest = item.type.partition(":")
    module, _, name = rest.rpartition(":")
    if package not in {"aws", "kubernetes"}:
        return []
    path = _kubernetes_module(module) if package == "kubernetes" else module.partition("/")[0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of classes that we do not use
        found = find_class(importlib.import_module(f"pulumi_{package}.{path}"), name)
        assert found is not None, item.type
        faults = found.check(_on_the_wire(item))
    if not _is_named(found, item.inputs):
        return ["name: Pulumi would make one of the logical name, whose / AWS refuses"]
    # The SDK writes these with underscores; the plugin takes what a cluster takes, as in YAML.
    return [
        f"{fault.property}: {fault.reason}"
        for fault in faults
        if not fault.property.rpartition(".")[2].startswith("x-kubernetes-")
    ]


def _is_named(found, inputs):
    """Say whether a thing of a kind that has names got one, or how it begins."""
    names = {"name", "identifier", "bucket", "family", "nodeGroupName"} & found.inputs.keys()
    if "metadata" in found.inputs:
        # What is empty is not in a cluster, and would be a difference after each look at it.
        assert {} not in inputs["metadata"].values(), inputs["metadata"]
        return bool(inputs["metadata"].get("name"))
    return not names or any(name in inputs or f"{name}Prefix" in inputs for name in names)


def _kubernetes_module(module):
    group, _, version = module.partition("/")
    return f"{group.partition('.')[0]}.{version}"


def _on_the_wire(item):
    """Drop what the SDK adds by itself: kind and version of Kubernetes' objects."""
    if not item.type.startswith("kubernetes:"):
        return item.inputs
    return {key: value for key, value in item.inputs.items() if key not in {"kind", "apiVersion"}}
