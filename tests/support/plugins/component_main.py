"""
A plugin of package `box` written with Pulumi's own SDK for components, as plugins are in the field.

`box:index:Box` holds a thing of package `test`. Such plugins have none of a provider's methods.
"""

from typing import TypedDict

import pulumi
from pulumi.provider.experimental import component_provider_host

from tests.lifecycle.programs import Thing


class BoxArgs(TypedDict):
    """What a box takes."""

    word: pulumi.Input[str]


class Box(pulumi.ComponentResource):
    """A component."""

    said: pulumi.Output[str]

    def __init__(self, name: str, args: BoxArgs, opts: pulumi.ResourceOptions | None = None):
        super().__init__("box:index:Box", name, {}, opts)
        thing = Thing(f"{name}-thing", pulumi.ResourceOptions(parent=self), x=args["word"])
        self.said = pulumi.Output.concat(args["word"], "!", thing.out)
        self.register_outputs({"said": self.said})


if __name__ == "__main__":
    component_provider_host(name="box", components=[Box])
