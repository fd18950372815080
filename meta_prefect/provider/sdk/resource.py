"""
The base of the provider's classes: turns Python names into Prefect's without touching the values.

Pulumi renames the keys of a plain dictionary of arguments at every depth, which would spoil the
JSON in parameters and templates; it leaves values alone when the arguments are a typed record. That
record is made here from the annotations of each class.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import pulumi


class PrefectResource(pulumi.CustomResource):
    """
    A resource of the Prefect provider.

    A subclass names its type in `pulumi_type` and annotates every property, inputs and outputs
    alike; `pulumi.property` gives the name where the API's differs from Python's.
    """

    pulumi_type: ClassVar[str]
    _arguments_type: ClassVar[type]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls._arguments_type = _build_arguments_type(cls)

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        **values: Any,
    ) -> None:
        """Register the resource with the inputs in `values`."""
        super().__init__(self.pulumi_type, resource_name, self._build_arguments(values), opts)

    @classmethod
    def get(
        cls, resource_name: str, id: pulumi.Input[str], opts: pulumi.ResourceOptions | None = None
    ) -> Self:
        """
        Look up what exists already, without managing it.

        id: in one of the import forms of the class.
        """
        found = cls.__new__(cls)
        opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id))
        PrefectResource.__init__(found, resource_name, opts)
        return found

    def _build_arguments(self, values: Mapping[str, Any]) -> Any:
        arguments = self._arguments_type()
        # An output is listed with None, so that Pulumi makes it an attribute of the resource.
        arguments.__dict__.update(dict.fromkeys(property_names(type(self))))
        arguments.__dict__.update(values)
        return arguments


def as_secret(value: pulumi.Input[Any] | None) -> pulumi.Output[Any] | None:
    """Mark an input as secret, if it is given."""
    return None if value is None else pulumi.Output.secret(value)


def property_names(resource: type[PrefectResource]) -> dict[str, str]:
    """Give the properties of a class: Python's name to Prefect's, in the order of the class."""
    names = {}
    for name, annotation in inspect.get_annotations(resource).items():
        if "Output[" in str(annotation):
            given = getattr(resource, name, None)
            names[name] = getattr(given, "name", name)
    return names


def _build_arguments_type(resource: type[PrefectResource]) -> type:
    names = property_names(resource)
    annotations = inspect.get_annotations(resource)
    body: dict[str, Any] = {
        name: pulumi.property(spelling, default=None) for name, spelling in names.items()
    }
    body["__annotations__"] = {name: annotations[name] for name in names}
    body["__module__"] = resource.__module__
    return pulumi.input_type(type(f"{resource.__name__}Args", (), body))
