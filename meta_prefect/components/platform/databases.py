"""
Databases of a Prefect server: PostgreSQL beside it, in RDS, or one that is there.

Each is a record; `prefect_server` asks `build_database` for the URL and what to wait for. Data stay
when the stack goes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from meta_prefect.components.naming import DATABASE
from meta_prefect.components.platform.base import RETAIN, PlatformComponent
from meta_prefect.components.platform.handles import NamespaceHandle, NetworkHandle
from meta_prefect.components.platform.pods import (
    build_env,
    build_labels,
    build_resources,
    build_secret_env,
    build_security,
)

_PORT: Final = 5432
_USER: Final = "prefect"
_UID: Final = 70  # of the user in the Alpine images of PostgreSQL
_KEY: Final = "value"
_RDS_STORAGE_GIB: Final = 20


@dataclass(frozen=True, slots=True, eq=False)
class PostgresInside:
    """
    PostgreSQL in a pod beside the server, on a disk of its own.

    password: a secret of the stack.
    storage_class: of the disk; empty: the cluster's default, which EKS does not have.
    """

    password: pulumi.Input[str]
    size_gib: int = 10
    storage_class: str = ""
    image: str = "postgres:17-alpine"


@dataclass(frozen=True, slots=True, eq=False)
class RdsPostgres:
    """
    PostgreSQL of Amazon, reached from the network's private subnets.

    password: a secret of the stack.
    client_security_group_id: of those who may connect, such as a cluster's nodes.
    """

    password: pulumi.Input[str]
    network: NetworkHandle
    client_security_group_id: pulumi.Input[str]
    instance_class: str = "db.t4g.micro"
    engine_version: str = "17"


@dataclass(frozen=True, slots=True, eq=False)
class ExistingDatabase:
    """A database of somebody else; `url` begins with `postgresql+asyncpg://`, and is a secret."""

    url: pulumi.Input[str]


Database: TypeAlias = PostgresInside | RdsPostgres | ExistingDatabase


@dataclass(frozen=True, slots=True, eq=False)
class Connection:
    """How a server reaches its database, and what must be there first."""

    url: pulumi.Input[str]
    ready: tuple[pulumi.Resource, ...] = ()


def build_database(
    component: PlatformComponent, name: str, namespace: NamespaceHandle, database: Database
) -> Connection:
    """Declare a database as children of a component: `database` and what belongs to it."""
    match database:
        case PostgresInside():
            return _build_inside(component, f"{name}-database", namespace, database)
        case RdsPostgres():
            return _build_rds(component, database)
        case ExistingDatabase():
            return Connection(database.url)


def _build_url(password: pulumi.Input[str], host: pulumi.Input[str]) -> pulumi.Output[str]:
    return pulumi.Output.format(
        "postgresql+asyncpg://{0}:{1}@{2}:{3}/{0}", _USER, password, host, _PORT
    )


def _build_inside(
    component: PlatformComponent, name: str, namespace: NamespaceHandle, database: PostgresInside
) -> Connection:
    inside = pulumi.ResourceOptions(provider=namespace.cluster.provider)
    labels = build_labels("prefect-database", name)
    metadata = {"name": name, "namespace": namespace.name, "labels": labels}
    secret = component.make(
        "database-password",
        kubernetes.core.v1.Secret,
        after=namespace.ready,
        metadata=metadata,
        string_data={_KEY: pulumi.Output.secret(database.password)},
        opts=inside,
    )
    service = component.make(
        "database-service",
        kubernetes.core.v1.Service,
        after=namespace.ready,
        metadata=metadata,
        spec={
            "selector": labels,
            "ports": [{"name": "postgres", "port": _PORT, "target_port": _PORT}],
            "cluster_ip": "None",
        },
        opts=inside,
    )
    stateful = component.make(
        "database",
        kubernetes.apps.v1.StatefulSet,
        after=[secret, service],
        metadata=metadata,
        spec={
            "service_name": name,
            "replicas": 1,
            "selector": {"match_labels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {
                    "security_context": build_security(_UID),
                    "containers": [_build_container(name, database)],
                },
            },
            "volume_claim_templates": [_build_claim(database)],
            "persistent_volume_claim_retention_policy": {
                "when_deleted": "Retain",
                "when_scaled": "Retain",
            },
        },
        opts=inside,
    )
    host = pulumi.Output.concat(name, ".", namespace.name, ".svc")
    return Connection(_build_url(database.password, host), (stateful,))


def _build_container(name: str, database: PostgresInside) -> dict[str, Any]:
    return {
        "name": "postgres",
        "image": database.image,
        "env": [
            *build_env(
                {
                    "POSTGRES_USER": _USER,
                    "POSTGRES_DB": _USER,
                    "PGDATA": "/var/lib/postgresql/data/pgdata",  # a disk has lost+found at its top
                }
            ),
            build_secret_env("POSTGRES_PASSWORD", name, _KEY),
        ],
        "ports": [{"name": "postgres", "container_port": _PORT}],
        "readiness_probe": {
            "exec_": {"command": ["pg_isready", "-U", _USER]},
            "period_seconds": 5,
        },
        "resources": build_resources(0.25, 0.5, 1.0),
        "security_context": {
            "allow_privilege_escalation": False,
            "capabilities": {"drop": ["ALL"]},
        },
        "volume_mounts": [{"name": "data", "mount_path": "/var/lib/postgresql/data"}],
    }


def _build_claim(database: PostgresInside) -> dict[str, Any]:
    return {
        "metadata": {"name": "data"},
        "spec": {
            "access_modes": ["ReadWriteOnce"],
            "storage_class_name": database.storage_class or None,
            "resources": {"requests": {"storage": f"{database.size_gib}Gi"}},
        },
    }


def _build_rds(component: PlatformComponent, database: RdsPostgres) -> Connection:
    name = component.physical_name(DATABASE, "database")
    subnets = component.make(
        "database-subnets",
        aws.rds.SubnetGroup,
        name=name,
        subnet_ids=database.network.private_subnet_ids,
        tags=component.tags,
    )
    group = component.make(
        "database-access",
        aws.ec2.SecurityGroup,
        vpc_id=database.network.vpc_id,
        name_prefix=f"{name}-",
        description="Database of Prefect",
        tags=component.named_tags("database"),
    )
    component.make(
        "database-access-clients",
        aws.vpc.SecurityGroupIngressRule,
        security_group_id=group.id,
        referenced_security_group_id=database.client_security_group_id,
        ip_protocol="tcp",
        from_port=_PORT,
        to_port=_PORT,
        tags=component.tags,
    )
    instance = component.make(
        "database",
        aws.rds.Instance,
        identifier=name,
        engine="postgres",
        engine_version=database.engine_version,
        instance_class=database.instance_class,
        allocated_storage=_RDS_STORAGE_GIB,
        db_name=_USER,
        username=_USER,
        password=pulumi.Output.secret(database.password),
        db_subnet_group_name=subnets.name,
        vpc_security_group_ids=[group.id],
        storage_encrypted=True,
        deletion_protection=True,
        final_snapshot_identifier=f"{name}-final",
        tags=component.tags,
        opts=RETAIN,
    )
    return Connection(_build_url(database.password, instance.address), (instance,))
