"""
From requirement records to the platform's components.

Light: names are made here, and each component is imported when it is declared, so that a stack on
one machine never loads a cloud's SDK. Not to be confused with `components.catalogue`, which looks
things up here.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any, Final

import pulumi

from meta_prefect.components.naming import build_logical_name
from meta_prefect.components.work_pool import build_pool_logical_name
from meta_prefect.interfaces import components as records
from meta_prefect.interfaces.catalogue import Entry, Sharing
from meta_prefect.interfaces.components import Existing
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError


def find_name(name: str | Existing) -> str:
    """Give what the project calls a thing, or what somebody else does."""
    return name.name if isinstance(name, Existing) else name


def list_pool_needs(pool: records.WorkerPool) -> tuple[Hashable, ...]:
    """Give what a pool needs: its place."""
    return () if pool.place is None else (pool.place,)


def declare_placed_pool(pool: records.WorkerPool, shared: Sharing) -> Any:
    """Declare a pool whose runs start in a cluster."""
    name = find_name(pool.name) or pool.type
    options: dict[str, Any] = {
        "concurrency_limit": pool.concurrency_limit,
        "description": pool.description,
        "opts": _in_prefect(shared),
    }
    place = shared.find(pool.place)
    if isinstance(pool.place, records.Namespace):
        from meta_prefect.components.platform.kubernetes_pool import KubernetesWorkPool

        return KubernetesWorkPool(name, namespace=place.handle, **options)
    from meta_prefect.components.platform.ecs_pool import EcsWorkPool

    key = shared.surroundings.access.api_key
    return EcsWorkPool(name, cluster=place.handle, api_key=key or None, **options)


def _in_prefect(shared: Sharing) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions(providers=[shared.surroundings.prefect])


def _declare_network(record: records.Network, _shared: Sharing) -> Any:
    from meta_prefect.components.platform.network import Network

    return Network(record.name, cidr=record.cidr, zones=record.zones, nat=record.nat)


def _find_network(network: records.Network | records.ExistingNetwork, shared: Sharing) -> Any:
    if isinstance(network, records.Network):
        return shared.find(network).handle
    from meta_prefect.components.platform.network import ExistingNetwork

    return ExistingNetwork(
        network.vpc_id, network.private_subnet_ids, network.public_subnet_ids
    ).handle


def _list_networks(record: records.Cluster | records.EcsCluster) -> tuple[Hashable, ...]:
    return (record.network,) if isinstance(record.network, records.Network) else ()


def _declare_cluster(record: records.Cluster, shared: Sharing) -> Any:
    from meta_prefect.components.platform.eks_cluster import EksCluster

    return EksCluster(
        record.name,
        network=_find_network(record.network, shared),
        version=record.version,
        admins=record.admins,
        public_cidrs=record.public_cidrs,
        identity=record.identity,
    )


def _declare_existing_cluster(record: records.ExistingCluster, shared: Sharing) -> Any:
    from meta_prefect.components.platform.existing_cluster import ExistingCluster

    return ExistingCluster(
        record.name,
        eks_name=record.eks_name,
        kubeconfig=record.kubeconfig or None,
        context=record.context,
        identity=record.identity,
        network=None if record.network is None else _find_network(record.network, shared),
    )


def _declare_node_group(record: records.NodeGroup, shared: Sharing) -> Any:
    from meta_prefect.components.platform.node_group import NodeGroup, NodeSize, Taint

    return NodeGroup(
        record.name,
        cluster=shared.find(record.cluster).handle,
        size=NodeSize(
            record.instance_types,
            record.min_size,
            record.max_size,
            spot=record.spot,
            gpu=record.gpu,
            disk_gib=record.disk_gib,
        ),
        labels=dict(record.labels),
        autoscaled=record.min_size == 0,
        taints=[Taint(key, value=value) for key, value in record.taints],
    )


def _declare_addons(record: records.ClusterAddons, shared: Sharing) -> Any:
    from meta_prefect.components.platform.addons import ClusterAddons

    nodes = shared.find(record.nodes)
    cluster = shared.find(record.nodes.cluster)
    return ClusterAddons(record.nodes.cluster.name, cluster=cluster.handle, nodes=nodes.ready)


def _declare_autoscaler(record: records.ClusterAutoscaler, shared: Sharing) -> Any:
    from meta_prefect.components.platform.autoscaler import ClusterAutoscaler

    cluster = record.nodes.cluster
    assert isinstance(cluster, records.Cluster)  # a builder's promise
    return ClusterAutoscaler(
        cluster.name,
        cluster=shared.find(cluster).handle,
        version=cluster.version,
        after=shared.find(records.ClusterAddons(record.nodes)).addons,
    )


def _declare_namespace(record: records.Namespace, shared: Sharing) -> Any:
    from meta_prefect.components.platform.namespace import ExistingNamespace, Namespace

    cluster = shared.find(record.cluster).handle
    if isinstance(record.name, Existing):
        return ExistingNamespace(record.name.name, cluster)
    return Namespace(record.name, cluster=cluster)


def _declare_kubernetes_worker(record: records.KubernetesWorker, shared: Sharing) -> Any:
    from meta_prefect.components.platform.kubernetes_worker import KubernetesWorker, WorkerPods

    pool = shared.find(record.pool)
    assert isinstance(record.pool.place, records.Namespace)  # a builder's promise
    return KubernetesWorker(
        _short_worker(record),
        pool_name=pool.pool_name,
        namespace=shared.find(record.pool.place).handle,
        api_url=_find_api_url(shared, record.pool),
        credential=_find_credential(shared),
        pods=WorkerPods(record.image, record.replicas, record.limit),
        after=[pool.pool, *_find_nodes(record.pool.place, shared)],
    )


def _find_nodes(namespace: records.Namespace, shared: Sharing) -> tuple[pulumi.Resource, ...]:
    """Give what pods wait for in a cluster that the stack makes."""
    if namespace.nodes is None:
        return ()
    wanted = records.ClusterAddons(namespace.nodes)
    addons: tuple[pulumi.Resource, ...] = shared.find(wanted).addons
    return addons


def _find_credential(shared: Sharing) -> Any:
    from meta_prefect.components.platform.kubernetes_worker import Credential

    access = shared.surroundings.access
    if access.api_key:
        return Credential("api_key", access.api_key)
    return Credential("auth_string", access.auth_string) if access.auth_string else None


def _declare_dask_operator(record: records.DaskOperator, shared: Sharing) -> Any:
    from meta_prefect.components.platform.dask_operator import DaskOperator

    return DaskOperator(
        _short_operator(record),
        namespace=shared.find(record.namespace).handle,
        after=_find_nodes(record.namespace, shared),
    )


def _declare_registry(record: records.Registry, _shared: Sharing) -> Any:
    from meta_prefect.components.platform.registry import ContainerRegistry, ExistingRegistry

    if isinstance(record.name, Existing):
        return ExistingRegistry(record.name.name)
    return ContainerRegistry(record.name)


def _declare_flow_image(record: records.FlowImage, shared: Sharing) -> Any:
    from meta_prefect.components.platform.flow_image import FlowImage

    return FlowImage(
        _short_image(record),
        root=Path(shared.surroundings.root),
        repository_url=shared.find(record.registry).handle.repository_url,
        dockerfile=record.dockerfile,
        platform=record.platform,
        is_ecr=not isinstance(record.registry.name, Existing),
    )


def _declare_bucket(record: records.Bucket, _shared: Sharing) -> Any:
    from meta_prefect.components.platform.bucket import ExistingBucket, ResultBucket

    if isinstance(record.name, Existing):
        return ExistingBucket(record.name.name, kms_key_arn=record.kms_key_arn)
    return ResultBucket(record.name, data=record.data, kms_key_arn=record.kms_key_arn)


def _declare_code_bucket(record: records.CodeBucket, _shared: Sharing) -> Any:
    from meta_prefect.components.platform.bucket import CodeBucket

    return CodeBucket(record.name)


def _declare_result_storage(record: records.ResultStorage, shared: Sharing) -> Any:
    from meta_prefect.components.platform.result_storage import ResultStorage

    return ResultStorage(
        record.name,
        bucket=shared.find(record.bucket).handle,
        block_name=record.name_in(shared.surroundings.stack),
        path=record.path,
        region=record.region,
        opts=_in_prefect(shared),
    )


def _declare_ecs_cluster(record: records.EcsCluster, shared: Sharing) -> Any:
    from meta_prefect.components.platform.ecs_cluster import EcsCluster

    network = _find_network(record.network, shared)
    return EcsCluster(record.name, network=network, spot=record.spot)


def _declare_ecs_worker(record: records.EcsWorker, shared: Sharing) -> Any:
    from meta_prefect.components.platform.ecs_worker import EcsWorker

    return EcsWorker(
        _short_worker(record),
        pool=shared.find(record.pool),
        api_url=_find_api_url(shared, record.pool),
        image=record.image,
    )


def _find_api_url(shared: Sharing, pool: records.WorkerPool) -> str:
    """
    Say where a worker in a cluster finds Prefect.

    Raises:
        MetaPrefectError: the stack's Prefect is on this machine, or nobody says where it is.
    """
    url: str = shared.surroundings.access.api_url
    if url:
        return url
    raise MetaPrefectError(
        "MP2123",
        f"a worker of the pool {build_pool_logical_name(pool)} could not reach Prefect",
        why="Prefect has an address that only this machine knows, and the worker is in a cluster",
        fixes=("prefect cloud login", "export META_PREFECT_WORKER_API_URL=https://.../api"),
        exit_code=ExitCode.USAGE,
    )


def _short_worker(record: records.KubernetesWorker | records.EcsWorker) -> str:
    return record.name or build_pool_logical_name(record.pool).partition("/")[2]


def _short_image(record: records.FlowImage) -> str:
    registry = find_name(record.registry.name).rpartition("/")[2]
    other = "" if record.platform == records.FlowImage().platform else record.platform
    parts = (part.replace("/", "-") for part in (registry, record.dockerfile, other))
    return "-".join(part for part in parts if part)


def _short_operator(record: records.DaskOperator) -> str:
    return find_name(record.namespace.name)


def _list_namespace_needs(record: records.Namespace) -> tuple[Hashable, ...]:
    nodes = () if record.nodes is None else (records.ClusterAddons(record.nodes),)
    return (record.cluster, *nodes)


ENTRIES: Final[Mapping[type, Entry]] = {
    records.Network: Entry(
        build_name=lambda record: build_logical_name("network", record.name),
        declare=_declare_network,
    ),
    records.Cluster: Entry(
        build_name=lambda record: build_logical_name("cluster", record.name),
        declare=_declare_cluster,
        list_needs=_list_networks,
    ),
    records.ExistingCluster: Entry(
        build_name=lambda record: build_logical_name("cluster", record.name),
        declare=_declare_existing_cluster,
    ),
    records.NodeGroup: Entry(
        build_name=lambda record: build_logical_name("node-group", record.name),
        declare=_declare_node_group,
        list_needs=lambda record: (record.cluster,),
    ),
    records.ClusterAddons: Entry(
        build_name=lambda record: build_logical_name("cluster-addons", record.nodes.cluster.name),
        declare=_declare_addons,
        list_needs=lambda record: (record.nodes,),
    ),
    records.ClusterAutoscaler: Entry(
        build_name=lambda record: build_logical_name(
            "cluster-autoscaler", record.nodes.cluster.name
        ),
        declare=_declare_autoscaler,
        list_needs=lambda record: (records.ClusterAddons(record.nodes),),
    ),
    records.Namespace: Entry(
        build_name=lambda record: build_logical_name("namespace", find_name(record.name)),
        declare=_declare_namespace,
        list_needs=_list_namespace_needs,
    ),
    records.KubernetesWorker: Entry(
        build_name=lambda record: build_logical_name("worker", _short_worker(record)),
        declare=_declare_kubernetes_worker,
        list_needs=lambda record: (record.pool,),
    ),
    records.DaskOperator: Entry(
        build_name=lambda record: build_logical_name("dask-operator", _short_operator(record)),
        declare=_declare_dask_operator,
        list_needs=lambda record: (record.namespace,),
    ),
    records.Bucket: Entry(
        build_name=lambda record: build_logical_name("bucket", find_name(record.name)),
        declare=_declare_bucket,
    ),
    records.CodeBucket: Entry(
        build_name=lambda record: build_logical_name("bucket", record.name),
        declare=_declare_code_bucket,
    ),
    records.Registry: Entry(
        build_name=lambda record: build_logical_name("registry", find_name(record.name)),
        declare=_declare_registry,
    ),
    records.FlowImage: Entry(
        build_name=lambda record: build_logical_name("image", _short_image(record)),
        declare=_declare_flow_image,
        list_needs=lambda record: (record.registry,),
    ),
    records.ResultStorage: Entry(
        build_name=lambda record: build_logical_name("result-storage", record.name),
        declare=_declare_result_storage,
        list_needs=lambda record: (record.bucket,),
    ),
    records.EcsCluster: Entry(
        build_name=lambda record: build_logical_name("ecs-cluster", record.name),
        declare=_declare_ecs_cluster,
        list_needs=_list_networks,
    ),
    records.EcsWorker: Entry(
        build_name=lambda record: build_logical_name("worker", _short_worker(record)),
        declare=_declare_ecs_worker,
        list_needs=lambda record: (record.pool,),
    ),
}
