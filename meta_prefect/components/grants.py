"""
Grants: what the runs of one deployment may do, made from what it requires.

The flow owns them: its service account or task role, with a policy for each need. Nothing shared
lists its users, so that a flow comes and goes without a change to anything else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pulumi

from meta_prefect.components.naming import build_deployment_logical_name
from meta_prefect.interfaces.catalogue import Sharing
from meta_prefect.interfaces.components import (
    DaskOperator,
    EcsCluster,
    Namespace,
    ResultStorage,
)
from meta_prefect.interfaces.deployment import UploadedCode

if TYPE_CHECKING:
    from meta_prefect.components.planned_deployment import PlannedDeployment

_ACCOUNT: Final = "service_account_name"
_TASK_ROLE: Final = "task_role_arn"


@dataclass(frozen=True, slots=True)
class Grant:
    """
    What a deployment gets out of its grant.

    job_variables: to lay over those of the deployment.
    ready: what must be there before its first run.
    """

    job_variables: Mapping[str, Any] = field(default_factory=dict)
    ready: tuple[pulumi.Resource, ...] = ()


def declare_grant(
    flow: str, item: PlannedDeployment, shared: Sharing, opts: pulumi.ResourceOptions
) -> Grant:
    """
    Declare what the runs of a deployment may do, below its own name.

    Nothing is declared where it needs nothing, where its builders name an account or a role, or
    where its runs use the identity of the machine that they are on.
    """
    pool = item.spec.work_pool
    place = None if pool is None else pool.place
    owner = build_deployment_logical_name(flow, item.name)
    if isinstance(place, Namespace) and _ACCOUNT not in item.spec.job_variables:
        return _grant_in_cluster(owner, item, shared.find(place), shared, opts)
    if isinstance(place, EcsCluster) and _TASK_ROLE not in item.spec.job_variables:
        return _grant_on_ecs(owner, item, shared, opts)
    return Grant()


def _grant_in_cluster(
    owner: str,
    item: PlannedDeployment,
    namespace: Any,
    shared: Sharing,
    opts: pulumi.ResourceOptions,
) -> Grant:
    policies = _build_policies(item, shared)
    rules = _find_rules(item.needs)
    if not policies and not rules:
        return Grant()
    from meta_prefect.components.platform.pod_identity import PodIdentity

    identity = PodIdentity(
        "grant",
        owner=owner,
        namespace=namespace.handle,
        policies=policies,
        rules=rules,
        opts=opts,
    )
    return Grant({_ACCOUNT: identity.service_account}, identity.ready)


def _grant_on_ecs(
    owner: str, item: PlannedDeployment, shared: Sharing, opts: pulumi.ResourceOptions
) -> Grant:
    policies = _build_policies(item, shared)
    if not policies:
        return Grant()
    from meta_prefect.components.platform.task_identity import TaskIdentity

    identity = TaskIdentity("grant", owner=owner, policies=policies, opts=opts)
    return Grant({_TASK_ROLE: identity.role_arn}, identity.ready)


def _find_rules(needs: Iterable[object]) -> Any:
    from meta_prefect.components.platform.rbac import DASK_FLOW

    return DASK_FLOW if any(isinstance(need, DaskOperator) for need in needs) else ()


def _build_policies(item: PlannedDeployment, shared: Sharing) -> dict[str, pulumi.Output[str]]:
    """Give a policy for each storage of results, by the storage's name, and one for the code."""
    policies = {
        need.name: _allow_results(shared.find(need))
        for need in item.needs
        if isinstance(need, ResultStorage)
    }
    for need in item.needs:
        if isinstance(need, ResultStorage) and need.bucket.kms_key_arn:
            policies[f"{need.name}-key"] = _allow_key(need.bucket.kms_key_arn, shared.find(need))
    code = item.spec.code
    if isinstance(code, UploadedCode):
        policies["code"] = _allow_code(shared.find(code.bucket).handle, code.folder)
    return policies


def _allow_key(key_arn: str, storage: pulumi.Resource) -> pulumi.Output[str]:
    from meta_prefect.components.platform.account import read_region
    from meta_prefect.components.platform.policies import allow_key, render_policy

    return read_region(storage).apply(lambda region: render_policy(allow_key(key_arn, region)))


def _allow_code(bucket: Any, folder: str) -> pulumi.Output[str]:
    from meta_prefect.components.platform.policies import allow_code, render_policy

    # Of all contents: a run may begin with the code of the deployment before.
    path = folder.rpartition("/")[0]
    arn: pulumi.Output[str] = pulumi.Output.from_input(bucket.arn)
    return arn.apply(lambda found: render_policy(allow_code(found, path)))


def _allow_results(storage: Any) -> pulumi.Output[str]:
    from meta_prefect.components.platform.policies import allow_results, render_policy

    path = storage.path
    arn: pulumi.Output[str] = pulumi.Output.from_input(storage.bucket.arn)
    return arn.apply(lambda found: render_policy(allow_results(found, path)))
