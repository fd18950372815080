"""
The double's table: a row for each resource type, by its token.

Each module has the rows of one service. Which inputs replace follows what AWS allows to change;
where AWS's own documentation was not enough, that of the Terraform provider it is bridged from.
"""

from tests.support.aws.kinds import (
    bucket_objects,
    bucket_settings,
    buckets,
    cluster_parts,
    clusters,
    container_services,
    databases,
    events,
    identity,
    logs,
    networks,
    node_groups,
    queues,
    registries,
    routes,
    secret_values,
    security_groups,
    templates,
)

_MODULES = (
    bucket_objects,
    bucket_settings,
    buckets,
    cluster_parts,
    clusters,
    container_services,
    databases,
    events,
    identity,
    logs,
    networks,
    node_groups,
    queues,
    registries,
    routes,
    secret_values,
    security_groups,
    templates,
)

KINDS = {token: kind for module in _MODULES for token, kind in module.KINDS.items()}
