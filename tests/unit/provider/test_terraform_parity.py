"""
What Prefect's Terraform provider has, and what of ours stands for it.

Source: `docs/resources` and `docs/data-sources` of Prefect's Terraform provider, August 2026.
"""

import pytest

from meta_prefect.provider.function_registry import FUNCTIONS
from meta_prefect.provider.registry import HANDLERS

RESOURCES = {
    "account": "cloud:Account",
    "account_member": "cloud:AccountMember",
    "automation": "index:Automation",
    "block": "index:BlockDocument",
    "block_access": "cloud:BlockAccess",
    "block_schema": "index:BlockSchema",
    "block_type": "index:BlockType",
    "deployment": "index:Deployment",
    "deployment_access": "cloud:DeploymentAccess",
    "deployment_schedule": "index:DeploymentSchedule",
    "flow": "index:Flow",
    "global_concurrency_limit": "index:GlobalConcurrencyLimit",
    "resource_sla": "cloud:ResourceSla",
    "service_account": "cloud:ServiceAccount",
    "task_run_concurrency_limit": "index:TagConcurrencyLimit",
    "team": "cloud:Team",
    "team_access": "cloud:TeamAccess",
    "user": "cloud:User",
    "user_api_key": "cloud:UserApiKey",
    "variable": "index:Variable",
    "webhook": "cloud:Webhook",
    "work_pool": "index:WorkPool",
    "work_pool_access": "cloud:WorkPoolAccess",
    "work_queue": "index:WorkQueue",
    "workspace": "cloud:Workspace",
    "workspace_access": "cloud:WorkspaceAccess",
    "workspace_role": "cloud:WorkspaceRole",
}
DATA_SOURCES = {
    "account": "cloud:getAccount",
    "account_member": "cloud:getAccountMember",
    "account_members": "cloud:getAccountMembers",
    "account_role": "cloud:getAccountRole",
    "automation": "index:getAutomation",
    "block": "index:getBlockDocument",
    "deployment": "index:getDeployment",
    "global_concurrency_limit": "index:getGlobalConcurrencyLimit",
    "service_account": "cloud:getServiceAccount",
    "team": "cloud:getTeam",
    "teams": "cloud:getTeams",
    "variable": "index:getVariable",
    "webhook": "cloud:getWebhook",
    "work_pool": "index:getWorkPool",
    "work_pools": "index:getWorkPools",
    "work_queue": "index:getWorkQueue",
    "work_queues": "index:getWorkQueues",
    "worker_metadata": "index:getDefaultBaseJobTemplate",
    "workspace": "cloud:getWorkspace",
    "workspace_role": "cloud:getWorkspaceRole",
}


@pytest.mark.parametrize("name", RESOURCES)
def test_resource_has_a_kind(name):
    """Each of its resources is one of our kinds."""
    assert f"prefect:{RESOURCES[name]}" in HANDLERS


@pytest.mark.parametrize("name", DATA_SOURCES)
def test_data_source_has_a_function(name):
    """Each of its data sources is one of our functions."""
    assert f"prefect:{DATA_SOURCES[name]}" in FUNCTIONS


def test_ours_are_more():
    """Only the local runtime is ours alone among the kinds."""
    ours = HANDLERS.keys() - {f"prefect:{token}" for token in RESOURCES.values()}

    assert ours == {"prefect:local:Server", "prefect:local:ProcessWorker"}
