"""
Pulumi classes for Prefect: the API as it is, one class for each resource type, and its functions.

Used inside Pulumi programs, ours and a team's own. Imports only Pulumi. The classes of resource
types are written from the field tables of their handlers (`tests/unit/provider/sdk`). Not to be
confused with `components`, which make one sensible thing each out of these.
"""

from meta_prefect.provider.sdk.account import Account
from meta_prefect.provider.sdk.account_member import AccountMember
from meta_prefect.provider.sdk.automation import Automation
from meta_prefect.provider.sdk.block_access import BlockAccess
from meta_prefect.provider.sdk.block_document import BlockDocument
from meta_prefect.provider.sdk.block_schema import BlockSchema
from meta_prefect.provider.sdk.block_type import BlockType
from meta_prefect.provider.sdk.deployment import Deployment
from meta_prefect.provider.sdk.deployment_access import DeploymentAccess
from meta_prefect.provider.sdk.deployment_schedule import DeploymentSchedule
from meta_prefect.provider.sdk.flow import Flow
from meta_prefect.provider.sdk.functions import (
    get_account,
    get_account_member,
    get_account_members,
    get_account_role,
    get_automation,
    get_block_document,
    get_block_type,
    get_block_types,
    get_default_base_job_template,
    get_deployment,
    get_deployments,
    get_flow,
    get_global_concurrency_limit,
    get_server,
    get_service_account,
    get_tag_concurrency_limit,
    get_team,
    get_teams,
    get_variable,
    get_webhook,
    get_work_pool,
    get_work_pools,
    get_work_queue,
    get_work_queues,
    get_workers,
    get_workspace,
    get_workspace_role,
)
from meta_prefect.provider.sdk.global_concurrency_limit import GlobalConcurrencyLimit
from meta_prefect.provider.sdk.process_worker import ProcessWorker
from meta_prefect.provider.sdk.provider import Provider
from meta_prefect.provider.sdk.resource_sla import ResourceSla
from meta_prefect.provider.sdk.server import Server
from meta_prefect.provider.sdk.service_account import ServiceAccount
from meta_prefect.provider.sdk.tag_concurrency_limit import TagConcurrencyLimit
from meta_prefect.provider.sdk.team import Team
from meta_prefect.provider.sdk.team_access import TeamAccess
from meta_prefect.provider.sdk.user import User
from meta_prefect.provider.sdk.user_api_key import UserApiKey
from meta_prefect.provider.sdk.variable import Variable
from meta_prefect.provider.sdk.webhook import Webhook
from meta_prefect.provider.sdk.work_pool import WorkPool
from meta_prefect.provider.sdk.work_pool_access import WorkPoolAccess
from meta_prefect.provider.sdk.work_queue import WorkQueue
from meta_prefect.provider.sdk.workspace import Workspace
from meta_prefect.provider.sdk.workspace_access import WorkspaceAccess
from meta_prefect.provider.sdk.workspace_role import WorkspaceRole

__all__ = [
    "Account",
    "AccountMember",
    "Automation",
    "BlockAccess",
    "BlockDocument",
    "BlockSchema",
    "BlockType",
    "Deployment",
    "DeploymentAccess",
    "DeploymentSchedule",
    "Flow",
    "GlobalConcurrencyLimit",
    "ProcessWorker",
    "Provider",
    "ResourceSla",
    "Server",
    "ServiceAccount",
    "TagConcurrencyLimit",
    "Team",
    "TeamAccess",
    "User",
    "UserApiKey",
    "Variable",
    "Webhook",
    "WorkPool",
    "WorkPoolAccess",
    "WorkQueue",
    "Workspace",
    "WorkspaceAccess",
    "WorkspaceRole",
    "get_account",
    "get_account_member",
    "get_account_members",
    "get_account_role",
    "get_automation",
    "get_block_document",
    "get_block_type",
    "get_block_types",
    "get_default_base_job_template",
    "get_deployment",
    "get_deployments",
    "get_flow",
    "get_global_concurrency_limit",
    "get_server",
    "get_service_account",
    "get_tag_concurrency_limit",
    "get_team",
    "get_teams",
    "get_variable",
    "get_webhook",
    "get_work_pool",
    "get_work_pools",
    "get_work_queue",
    "get_work_queues",
    "get_workers",
    "get_workspace",
    "get_workspace_role",
]
