"""
Builder of parameters: what a deployment's runs get where nobody says otherwise.

Not to be confused with the defaults in the function's signature, which every deployment shares.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from meta_prefect.implementations.checking import check_json
from meta_prefect.interfaces.deployment import DeploymentSpec
from meta_prefect.interfaces.flow_builder_interface import FlowBuilderInterface


class parameters(FlowBuilderInterface):  # noqa: N801 - used as a decorator
    """
    Give the deployment values for the flow's parameters, some of them by stack.

        @parameters(region="eu", stacks={"prod": {"rows": 1_000_000}}, rows=10)
        @local_deployer()
        @flow
        def load(region: str, rows: int) -> None: ...

        parameters({"stacks": 3})  # for a parameter that is called `stacks`
    """

    def __init__(
        self,
        values: Mapping[str, Any] | None = None,
        /,
        *,
        stacks: Mapping[str, Mapping[str, Any]] | None = None,
        **more: Any,
    ) -> None:
        """
        Keep the values, as JSON has them.

        stacks: values by stack, laid over the others there.

        Raises:
            TypeError: a value has no JSON form.
        """
        self._values = {**(values or {}), **more}
        self._stacks = dict(stacks or {})
        check_json("parameters", self._values)
        for stack, own in self._stacks.items():
            check_json(f"parameters: {stack}", own)

    def update_deployment(self, deployment: DeploymentSpec) -> DeploymentSpec:
        """
        Lay the values over those that are there.

        Raises:
            ValueError: the flow has no such parameter.
        """
        values = {**self._values, **self._stacks.get(deployment.stack, {})}
        known = deployment.parameter_schema.get("properties")
        for name in values:
            if known is not None and name not in known:
                raise ValueError(
                    f"parameters({name}=...): {deployment.flow_name} has no such parameter "
                    f"(known: {', '.join(known) or 'none'})"
                )
        return deployment.with_parameters(values)
