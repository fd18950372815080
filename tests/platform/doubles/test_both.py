"""Both doubles in one program: an EKS cluster of the AWS double, and what runs inside of it."""

import json
import os

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s

from meta_prefect.engine.embedded.plugin_finder import PluginPlace
from meta_prefect.interfaces.engine import Outcome
from tests.support.embedded import EmbeddedBench

pytest_plugins = ["tests.support.aws.world", "tests.support.kubernetes.world"]


def build_kubeconfig(values):
    """Make a kubeconfig as EKS users have it, with a command for the token."""
    name, endpoint, authority = values
    command = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "aws",
        "args": ["eks", "get-token", "--cluster-name", name],
    }
    cluster = {"server": endpoint, "certificate-authority-data": authority}
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": name,
            "clusters": [{"name": name, "cluster": cluster}],
            "users": [{"name": name, "user": {"exec": command}}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        }
    )


def declare(colour):
    """A cluster with an object in it."""
    network = aws.ec2.Vpc("net", cidr_block="10.0.0.0/16")
    subnets = [
        aws.ec2.Subnet(f"s{index}", vpc_id=network.id, cidr_block=f"10.0.{16 * index}.0/20")
        for index in range(2)
    ]
    cluster = aws.eks.Cluster(
        "flows",
        role_arn="arn:aws:iam::123456789012:role/cluster",
        vpc_config={"subnet_ids": [subnet.id for subnet in subnets]},
    )
    parts = pulumi.Output.all(cluster.name, cluster.endpoint, cluster.certificate_authority.data)
    provider = k8s.Provider(
        "inside",
        kubeconfig=parts.apply(build_kubeconfig),
        cluster_identifier=cluster.arn,
        enable_config_map_mutable=True,
    )
    inside = pulumi.ResourceOptions(provider=provider)
    space = k8s.core.v1.Namespace("space", opts=inside)
    k8s.core.v1.ConfigMap(
        "settings",
        metadata={"name": "settings", "namespace": space.metadata.name},
        data={"colour": colour},
        opts=inside,
    )
    pulumi.export("space", space.metadata.name)


def test_a_cluster_and_what_is_in_it(eks, kubernetes, tmp_path):
    """Objects in a new cluster preview without it, are made in it, change, and go with it."""
    place = PluginPlace({**os.environ, **eks}, tmp_path / "home", {}, may_download=False)
    bench = EmbeddedBench(tmp_path / "state", plugins=place)

    previewed = bench.preview(lambda: declare("blue"))
    made = bench.up(lambda: declare("blue"))
    path = f"/api/v1/namespaces/{made.outputs['space'].value}"
    first = kubernetes.get(f"{path}/configmaps/settings")["data"]
    changed = bench.up(lambda: declare("red"))
    steps = [step for step in bench.steps if step[0] != "same"]
    gone = bench.destroy()

    runs = (previewed, made, changed, gone)
    assert [run.outcome for run in runs] == [Outcome.SUCCEEDED] * 4, previewed.diagnostics
    assert first == {"colour": "blue"}
    assert steps == [("update", "settings")]
    assert kubernetes.get(path) is None
