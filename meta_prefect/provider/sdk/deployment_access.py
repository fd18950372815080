"""Who may do what with one deployment, as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import pulumi

from meta_prefect.provider.sdk.resource import PrefectResource


class DeploymentAccess(PrefectResource):
    """
    Who may do what with one deployment, as a whole.

    Deleting it lets everybody. Only in Prefect Cloud, and never run against it.
    """

    pulumi_type: ClassVar[str] = "prefect:cloud:DeploymentAccess"

    deployment_id: pulumi.Output[str] = pulumi.property("deploymentId")
    manage_actor_ids: pulumi.Output[list[str] | None] = pulumi.property("manageActorIds")
    manage_team_ids: pulumi.Output[list[str] | None] = pulumi.property("manageTeamIds")
    run_actor_ids: pulumi.Output[list[str] | None] = pulumi.property("runActorIds")
    run_team_ids: pulumi.Output[list[str] | None] = pulumi.property("runTeamIds")
    view_actor_ids: pulumi.Output[list[str] | None] = pulumi.property("viewActorIds")
    view_team_ids: pulumi.Output[list[str] | None] = pulumi.property("viewTeamIds")
    workspace_id: pulumi.Output[str | None] = pulumi.property("workspaceId")
    account_id: pulumi.Output[str | None] = pulumi.property("accountId")

    def __init__(
        self,
        resource_name: str,
        *,
        deployment_id: pulumi.Input[str],
        manage_actor_ids: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        manage_team_ids: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        run_actor_ids: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        run_team_ids: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        view_actor_ids: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        view_team_ids: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        workspace_id: pulumi.Input[str] | None = None,
        account_id: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Declare a deployment access.

        Args:
            resource_name: Logical name.
            deployment_id: The deployment's uuid. Replaces.
            manage_actor_ids: Set of actors' uuids, or `*`, that may manage it.
            manage_team_ids: Set of teams' uuids that may manage it.
            run_actor_ids: Set of actors' uuids, or `*`, that may run it.
            run_team_ids: Set of teams' uuids that may run it.
            view_actor_ids: Set of actors' uuids, or `*`, that may view it.
            view_team_ids: Set of teams' uuids that may view it.
            workspace_id: Workspace that it is in; default: the provider's. Replaces.
            account_id: Account that it is in; default: the provider's. Replaces.
            opts: Pulumi's resource options.
        """
        super().__init__(
            resource_name,
            opts,
            deployment_id=deployment_id,
            manage_actor_ids=manage_actor_ids,
            manage_team_ids=manage_team_ids,
            run_actor_ids=run_actor_ids,
            run_team_ids=run_team_ids,
            view_actor_ids=view_actor_ids,
            view_team_ids=view_team_ids,
            workspace_id=workspace_id,
            account_id=account_id,
        )
