"""
One row of the double's table: how a resource type is made, looked at, changed and taken away.

The functions of a row get a `Call`, plain values in and out: secrets are unwrapped, nothing is
unknown. Which AWS calls they make is said in `kinds`; everything that all types share (checks,
names, previews, differences, tags of the provider) is in `provider`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.support.aws.clients import Clients
from tests.support.aws.kept import KeptObjects

Properties = dict[str, Any]


@dataclass(slots=True)
class Call:
    """
    One thing to do to one resource.

    inputs: as the program says them; old_inputs: as it said them before, in an update.
    outputs: what is known of the object from before.
    tags: the resource's own over those of the provider.
    id: what `create` sets as soon as the object exists, so that a later failure does not lose it.
    kept: objects that moto has no calls for.
    """

    clients: Clients
    region: str
    kept: KeptObjects
    inputs: Properties
    tags: dict[str, str] = field(default_factory=dict)
    old_inputs: Properties = field(default_factory=dict)
    outputs: Properties = field(default_factory=dict)
    id: str = ""

    def client(self, service):
        """Give the boto3 client of a service in the resource's region."""
        return self.clients.find(service, self.region)

    def find(self, name, default=None):
        """Give an input, or what the object had for it when nothing is asked."""
        value = self.inputs.get(name)
        return self.outputs.get(name, default) if value is None else value

    def changed(self, *names):
        """Say whether an update changes one of some inputs."""
        return any(self.inputs.get(name) != self.old_inputs.get(name) for name in names)

    @property
    def account(self):
        """The account's number."""
        return self.client("sts").get_caller_identity()["Account"]


@dataclass(frozen=True, slots=True)
class Kind:
    """
    A resource type.

    create: makes the object and sets the call's `id`; delete: takes it away, fine when it is gone.
    read: gives outputs by the names of the SDK; None when the object is gone.
    update: changes it in place; None when every change means a new object.
    replaces: inputs, or paths inside of them, whose change means a new object.
    name, prefix: the inputs that name the object; it gets a name when neither is set.
    changing: outputs that are not known until an update is done.
    kept: why moto does not hold the object; empty when it does.
    """

    create: Callable[[Call], None]
    read: Callable[[Call], Properties | None]
    delete: Callable[[Call], None]
    update: Callable[[Call], None] | None = None
    replaces: frozenset[str] = frozenset()
    name: str = ""
    prefix: str = ""
    changing: frozenset[str] = frozenset()
    kept: str = ""
