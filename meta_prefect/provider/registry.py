"""The registry: which handler manages which resource type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from meta_prefect.provider.handler import Handler
from meta_prefect.provider.handlers.automation import AutomationHandler
from meta_prefect.provider.handlers.block_document import BlockDocumentHandler
from meta_prefect.provider.handlers.block_schema import BlockSchemaHandler
from meta_prefect.provider.handlers.block_type import BlockTypeHandler
from meta_prefect.provider.handlers.cloud_access import TeamAccessHandler, WorkspaceAccessHandler
from meta_prefect.provider.handlers.cloud_account import (
    TeamHandler,
    WorkspaceHandler,
    WorkspaceRoleHandler,
)
from meta_prefect.provider.handlers.cloud_membership import AccountHandler, AccountMemberHandler
from meta_prefect.provider.handlers.cloud_object_access import (
    BlockAccessHandler,
    DeploymentAccessHandler,
    WorkPoolAccessHandler,
)
from meta_prefect.provider.handlers.cloud_user import UserApiKeyHandler, UserHandler
from meta_prefect.provider.handlers.cloud_webhook import WebhookHandler
from meta_prefect.provider.handlers.deployment import DeploymentHandler
from meta_prefect.provider.handlers.deployment_schedule import DeploymentScheduleHandler
from meta_prefect.provider.handlers.flow import FlowHandler
from meta_prefect.provider.handlers.global_concurrency_limit import GlobalConcurrencyLimitHandler
from meta_prefect.provider.handlers.local_server import LocalServerHandler
from meta_prefect.provider.handlers.process_worker import ProcessWorkerHandler
from meta_prefect.provider.handlers.resource_sla import ResourceSlaHandler
from meta_prefect.provider.handlers.service_account import ServiceAccountHandler
from meta_prefect.provider.handlers.tag_concurrency_limit import TagConcurrencyLimitHandler
from meta_prefect.provider.handlers.variable import VariableHandler
from meta_prefect.provider.handlers.work_pool import WorkPoolHandler
from meta_prefect.provider.handlers.work_queue import WorkQueueHandler

HANDLERS: Final[Mapping[str, type[Handler]]] = {
    handler.kind.token: handler
    for handler in (
        FlowHandler,
        WorkPoolHandler,
        WorkQueueHandler,
        DeploymentHandler,
        VariableHandler,
        GlobalConcurrencyLimitHandler,
        TagConcurrencyLimitHandler,
        DeploymentScheduleHandler,
        BlockTypeHandler,
        BlockSchemaHandler,
        BlockDocumentHandler,
        AutomationHandler,
        LocalServerHandler,
        ProcessWorkerHandler,
        AccountHandler,
        AccountMemberHandler,
        UserHandler,
        UserApiKeyHandler,
        WorkspaceHandler,
        WorkspaceRoleHandler,
        WorkspaceAccessHandler,
        TeamHandler,
        TeamAccessHandler,
        ServiceAccountHandler,
        WebhookHandler,
        ResourceSlaHandler,
        BlockAccessHandler,
        DeploymentAccessHandler,
        WorkPoolAccessHandler,
    )
}
