"""
What the platform's components share: names, tags, and the hook that changes any inner resource.

Not to be confused with `components.base`, whose components live in one Prefect.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Final, Literal, TypeAlias, TypeVar

import pulumi

from meta_prefect.components.naming import NameLaw, build_logical_name, build_name

Made = TypeVar("Made")
Data: TypeAlias = Literal["keep", "delete"]
Tags: TypeAlias = Mapping[str, str]
Transform: TypeAlias = Callable[[dict[str, Any]], Mapping[str, Any]]
Transforms: TypeAlias = Mapping[str, Transform]

RETAIN: Final = pulumi.ResourceOptions(retain_on_delete=True)


class PlatformComponent(pulumi.ComponentResource):
    """
    A component whose children have the names that its class documents.

    KIND: what the logical names of shared ones begin with.
    """

    KIND: ClassVar[str]

    def __init__(
        self,
        name: str,
        *,
        owner: str = "",
        tags: Tags | None = None,
        transforms: Transforms | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Register the component.

        name: what the project calls it.
        owner: what the logical name begins with, such as that of a flow; empty: the kind.
        tags: of all children that can have some.
        transforms: by child, a function from its arguments to those that are to change. `opts` is
            one of the arguments.
        """
        self.name = name
        self.logical_name = build_logical_name(owner or self.KIND, name)
        self.tags = dict(tags or {})
        self._transforms = dict(transforms or {})
        self._children: set[str] = set()
        super().__init__(
            f"meta-prefect:platform:{type(self).__name__}", self.logical_name, None, opts
        )

    def make(
        self,
        child: str,
        resource: Callable[..., Made],
        *,
        after: Sequence[pulumi.Resource] = (),
        opts: pulumi.ResourceOptions | None = None,
        **inputs: Any,  # those of the SDK's class, in Python's names
    ) -> Made:
        """Declare a child, with the changes that its transform asks for."""
        self._children.add(child)
        place = pulumi.ResourceOptions(parent=self, depends_on=list(after))
        arguments = {**inputs, "opts": pulumi.ResourceOptions.merge(place, opts)}
        if child in self._transforms:
            arguments |= self._transforms[child](dict(arguments))
        return resource(build_logical_name(self.logical_name, child), **arguments)

    def physical_name(self, law: NameLaw, *parts: str) -> str:
        """Name something of the component in the world."""
        return build_name(law, pulumi.get_project(), pulumi.get_stack(), self.name, *parts)

    def named_tags(self, child: str = "") -> Tags:
        """Give the tags of a child whose name in the world is a tag, too."""
        parts = (pulumi.get_project(), pulumi.get_stack(), self.name, child)
        return {"Name": "-".join(part for part in parts if part), **self.tags}

    def finish(self, **outputs: pulumi.Input[Any] | None) -> None:
        """
        Register the outputs, once all children are declared.

        Raises:
            ValueError: a transform is for a child that there is not.
        """
        unknown = sorted(self._transforms.keys() - self._children)
        if unknown:
            raise ValueError(
                f"{self.logical_name}: transforms has {unknown[0]}; the children are "
                f"{', '.join(sorted(self._children))}"
            )
        self.register_outputs({key: value for key, value in outputs.items() if value is not None})


def keep_data(data: Data) -> pulumi.ResourceOptions:
    """Give the options of a thing that holds data: it stays in the world unless told otherwise."""
    return RETAIN if data == "keep" else pulumi.ResourceOptions()
