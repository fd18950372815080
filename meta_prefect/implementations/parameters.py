"""
Builders of parameters: what runs get where nobody says otherwise, and whether it is checked.

Not to be confused with the defaults in the function's signature, which every deployment shares.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from meta_prefect.implementations.checked import checked
from meta_prefect.implementations.checking import check_json
from meta_prefect.implementations.references import secret, variable
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
        parameters(rows=variable("rows"))  # what Prefect's variable says when a run is made
    """

    @checked
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
            ValueError: a value is a secret.
        """
        self._values = _read_values("parameters", {**(values or {}), **more})
        self._stacks = {
            stack: _read_values(f"parameters: {stack}", own)
            for stack, own in (stacks or {}).items()
        }

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


class enforce_schema(FlowBuilderInterface):  # noqa: N801 - used as a decorator
    """
    Refuse runs whose parameters do not fit the flow's signature, or take them all the same.

        @enforce_schema(False)
        @local_deployer()
        @flow
        def load(**options: str) -> None: ...

    Without it they are refused.
    """

    @checked
    def __init__(self, enforce: bool = True) -> None:
        """Choose."""
        self._enforce = enforce

    def update_deployment(self, deployment: DeploymentSpec) -> DeploymentSpec:
        """Set it."""
        return replace(deployment, enforce_parameter_schema=self._enforce)


def _read_values(where: str, values: Mapping[str, Any]) -> dict[str, Any]:
    check_json(where, values)
    return {name: _read_value(where, name, value) for name, value in values.items()}


def _read_value(where: str, name: str, value: Any) -> Any:
    """Refer to a variable as Prefect does in parameters; it resolves no secrets there."""
    if isinstance(value, secret):
        raise ValueError(  # noqa: TRY004 - the type is fine, the place is not
            f'{where}: {name} would show a secret: pass its name, and Secret.load("{value.name}") '
            "in the flow"
        )
    if isinstance(value, variable):
        return {"__prefect_kind": "workspace_variable", "variable_name": value.name}
    return value
