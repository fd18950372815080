"""
Adopting: lets a program take over objects that exist, each in the place of one it would create.

Pulumi's own import option, laid over a program for one operation. Not to be confused with the
engine's import operation, which reads objects into a stack without any program.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from meta_prefect.components.naming import build_deployment_logical_name, build_logical_name
from meta_prefect.interfaces.engine import Program

if TYPE_CHECKING:
    from meta_prefect.project.program import PlannedFlow


def adopt(program: Program, ids: Mapping[str, str]) -> Program:
    """
    Give a program that imports some of its custom resources.

    ids: logical name, to what the resource's provider takes as the id of an import.
    """

    def adopting() -> object:
        import pulumi

        def take_over(
            args: pulumi.ResourceTransformationArgs,
        ) -> pulumi.ResourceTransformationResult | None:
            wanted = ids.get(args.name)
            if wanted is None or not isinstance(args.resource, pulumi.CustomResource):
                return None
            option = pulumi.ResourceOptions(import_=wanted)
            options = pulumi.ResourceOptions.merge(args.opts, option)
            return pulumi.ResourceTransformationResult(args.props, options)

        pulumi.runtime.register_stack_transformation(take_over)
        return program()

    return adopting


def add_flows(
    ids: Mapping[str, str], flows: Sequence[PlannedFlow], managed: Collection[str]
) -> dict[str, str]:
    """
    Let a deployment that is taken over bring its flow: it cannot move to another one.

    ids: as in `adopt`. managed: logical names of flows that the stack holds already.
    """
    brought = {
        build_logical_name(flow.name, "flow"): item.spec.flow_name
        for flow in flows
        for item in flow.deployments
        if flow.name not in managed and build_deployment_logical_name(flow.name, item.name) in ids
    }
    return {**brought, **ids}
