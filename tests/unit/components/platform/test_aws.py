"""What the components on AWS declare: children, edges, fixed inputs; checked against the SDK."""

import json

import pytest

from meta_prefect.components.platform.addons import ClusterAddons
from meta_prefect.components.platform.autoscaler import ClusterAutoscaler
from meta_prefect.components.platform.bucket import CodeBucket, ExistingBucket, ResultBucket
from meta_prefect.components.platform.eks_cluster import EksCluster
from meta_prefect.components.platform.existing_cluster import ExistingCluster
from meta_prefect.components.platform.handles import NetworkHandle
from meta_prefect.components.platform.namespace import Namespace
from meta_prefect.components.platform.network import ExistingNetwork, Network
from meta_prefect.components.platform.node_group import NodeGroup, NodeSize, Taint
from meta_prefect.components.platform.pod_identity import PodIdentity
from meta_prefect.components.platform.registry import ContainerRegistry
from meta_prefect.interfaces.diagnostics import MetaPrefectError
from tests.support.recording import ANSWERS, record

GET_ADDON = "aws:eks/getAddon:getAddon"
GET_CLUSTER = "aws:eks/getCluster:getCluster"
THEIRS = ExistingNetwork("vpc-1", ["subnet-a", "subnet-b"]).handle


def children(made, component):
    """Give the names of a component's children below it."""
    return {
        name.removeprefix(f"{component}/")
        for name, item in made.items()
        if item.parent == component
    }


def cluster(network=THEIRS, **options):
    """Declare a cluster."""
    return EksCluster("main", network=network, version="1.35", **options)


def test_a_bucket_is_private_encrypted_versioned_and_kept():
    """Every setting stands in a resource of its own, and all of them stay with the bucket."""
    made = record(lambda: ResultBucket("results", path="a"))

    assert children(made, "bucket/results") == {
        "bucket",
        "ownership",
        "public-access",
        "versioning",
        "encryption",
        "lifecycle",
        "policy",
    }
    inner = [item for item in made.values() if item.parent == "bucket/results"]
    assert all(item.request.retainOnDelete for item in inner)
    bucket = made["bucket/results/bucket"].inputs
    assert bucket["bucket"].startswith("shop-dev-results-123456789012-")
    assert bucket.keys() == {"bucket", "tags"}
    assert bucket["tags"] == {"meta-prefect:kept-by": "shop/dev/bucket/results/bucket"}
    assert list(made["bucket/results/bucket"].request.ignoreChanges) == ["forceDestroy"]
    access = made["bucket/results/public-access"].inputs
    assert [value for key, value in access.items() if key != "bucket"] == [True] * 4
    (rule,) = made["bucket/results/lifecycle"].inputs["rules"]
    assert (rule["filter"], rule["expiration"]) == ({"prefix": "a/"}, {"days": 90})
    assert "bucket/results/public-access" in made["bucket/results/policy"].dependencies
    assert "bucket/results/versioning" in made["bucket/results/lifecycle"].dependencies


def test_a_bucket_whose_data_may_go_is_emptied_and_deleted():
    """`data="delete"` turns everything around."""
    made = record(lambda: CodeBucket("code", data="delete", kms_key_arn="arn:aws:kms:key"))

    inner = [item for item in made.values() if item.parent == "bucket/code"]
    assert not any(item.request.retainOnDelete for item in inner)
    assert made["bucket/code/bucket"].inputs["forceDestroy"] is True
    assert not made["bucket/code/bucket"].request.ignoreChanges
    (rule,) = made["bucket/code/encryption"].inputs["rules"]
    assert rule["applyServerSideEncryptionByDefault"] == {
        "sseAlgorithm": "aws:kms",
        "kmsMasterKeyId": "arn:aws:kms:key",
    }
    assert "expiration" not in made["bucket/code/lifecycle"].inputs["rules"][0]


def test_a_bucket_of_somebody_else_is_only_named():
    """No resource stands for it."""
    handles = []

    made = record(lambda: handles.append(ExistingBucket("theirs", "p").handle))

    assert made == {}
    assert (handles[0].arn, handles[0].bucket_name) == ("arn:aws:s3:::theirs", "theirs")


def test_a_registry_keeps_images_and_never_moves_a_tag():
    """Name, immutability, scanning, the rules that take old images away, and who may push."""
    policies = []

    made = record(lambda: ContainerRegistry("flows").push_policy.apply(policies.append))

    repository = made["registry/flows/repository"]
    assert repository.inputs["name"] == "shop/dev/flows"
    assert repository.inputs["imageTagMutability"] == "IMMUTABLE"
    assert repository.request.retainOnDelete
    rules = json.loads(made["registry/flows/lifecycle"].inputs["policy"])["rules"]
    assert [rule["selection"]["countNumber"] for rule in rules] == [14, 100]
    push, _ = json.loads(policies[0])["Statement"]
    assert push["Resource"] == ["arn:aws:test:eu-west-1:123456789012:registry/flows/repository"]


def test_a_network_has_two_kinds_of_subnets_in_each_zone():
    """Children of the default network; the way out waits for the gateway."""
    made = record(lambda: Network("main"))

    assert children(made, "network/main") == {
        "vpc",
        "igw",
        "public",
        "public-default",
        "public-0",
        "public-1",
        "public-assoc-0",
        "public-assoc-1",
        "private-0",
        "private-1",
        "private-0-table",
        "private-1-table",
        "private-0-default",
        "private-1-default",
        "private-assoc-0",
        "private-assoc-1",
        "nat-0",
        "nat-0-ip",
        "endpoint-s3",
    }
    assert "network/main/igw" in made["network/main/nat-0"].dependencies
    assert made["network/main/vpc"].inputs["enableDnsHostnames"] is True
    subnet = made["network/main/private-1"].inputs
    assert subnet["availabilityZone"] == "eu-west-1b"
    assert subnet["tags"]["kubernetes.io/role/internal-elb"] == "1"
    assert "routes" not in made["network/main/public"].inputs


@pytest.mark.parametrize(("nat", "count"), [("single", 1), ("per_zone", 3), ("none", 0)])
def test_the_way_out_is_one_or_one_for_each_zone_or_none(nat, count):
    """Every private subnet goes through the gateway of its zone, or the only one."""
    made = record(lambda: Network("main", zones=3, nat=nat))

    routes = [
        item for name, item in made.items() if name.endswith("-default") and "private" in name
    ]
    assert len({item.inputs["natGatewayId"] for item in routes}) == count
    assert len(routes) == (3 if count else 0)


def test_endpoints_with_an_address_have_a_security_group():
    """They let in what comes from the network, by HTTPS."""
    made = record(lambda: Network("main", endpoints=("s3", "ecr.api")))

    rule = made["network/main/endpoints-https"].inputs
    assert (rule["cidrIpv4"], rule["fromPort"]) == ("10.64.0.0/16", 443)
    endpoint = made["network/main/endpoint-ecr.api"].inputs
    assert endpoint["serviceName"] == "com.amazonaws.eu-west-1.ecr.api"
    assert endpoint["vpcEndpointType"] == "Interface"
    assert made["network/main/endpoint-s3"].inputs["vpcEndpointType"] == "Gateway"


def test_a_cluster_waits_for_its_role_its_log_group_and_the_routes():
    """Edges without which AWS makes the log group itself, or nodes have no way to the API."""
    made = record(lambda: cluster(Network("main").handle))

    waits = made["cluster/main/cluster"].dependencies
    assert {
        "cluster/main/role-policy",
        "cluster/main/logs",
        "network/main/private-0-default",
        "network/main/private-1-default",
    } <= waits


def test_a_cluster_is_entered_by_entries_only():
    """Access by entries, no addons that AWS puts in by itself, and both fixed after creation."""
    made = record(lambda: cluster(admins=("arn:aws:iam::1:role/admin",)))

    item = made["cluster/main/cluster"]
    assert item.inputs["accessConfig"] == {
        "authenticationMode": "API",
        "bootstrapClusterCreatorAdminPermissions": True,
    }
    assert item.inputs["bootstrapSelfManagedAddons"] is False
    assert list(item.request.ignoreChanges) == [
        "bootstrapSelfManagedAddons",
        "accessConfig.bootstrapClusterCreatorAdminPermissions",
    ]
    assert "cluster/main/access-0-policy" in made["cluster/main/k8s"].dependencies


def test_a_kubeconfig_holds_no_token():
    """It runs `aws eks get-token`, and the provider keeps what is inside when it changes."""
    made = record(cluster)

    provider = made["cluster/main/k8s"].inputs
    kubeconfig = json.loads(provider["kubeconfig"])
    assert kubeconfig["users"][0]["user"]["exec"]["args"][:4] == [
        "eks",
        "get-token",
        "--cluster-name",
        "shop-dev-main",
    ]
    assert provider["clusterIdentifier"].endswith("cluster/main/cluster")
    assert json.loads(provider["enableServerSideApply"]) is True


@pytest.mark.parametrize(
    ("version", "network"),
    [("latest", THEIRS), ("1.35", NetworkHandle("vpc-1", ["subnet-a"]))],
)
def test_a_cluster_needs_a_version_and_two_zones(version, network):
    """Refused before anything is declared."""
    with pytest.raises(ValueError, match=r"version|two zones"):
        EksCluster("main", network=network, version=version)


def test_nodes_start_after_what_they_need():
    """Role, network pods, identity agent: a destroy in another order leaves interfaces behind."""
    made = record(lambda: NodeGroup("big", cluster=cluster().handle))

    assert {
        "node-group/big/role-policy-0",
        "node-group/big/role-policy-1",
        "cluster/main/addon-vpc-cni",
        "cluster/main/addon-kube-proxy",
        "cluster/main/addon-eks-pod-identity-agent",
    } <= made["node-group/big/group"].dependencies


def test_a_group_has_a_prefix_so_that_its_successor_can_stand_beside_it():
    """No fixed name; pods choose it by our label."""
    made = record(
        lambda: NodeGroup(
            "big",
            cluster=cluster().handle,
            size=NodeSize(("g5.xlarge",), gpu=True, spot=True),
            taints=(Taint("team", value="a"),),
        )
    )

    group = made["node-group/big/group"].inputs
    assert group["nodeGroupNamePrefix"] == "shop-dev-big-"
    assert "nodeGroupName" not in group
    assert group["labels"] == {"meta-prefect.io/node-group": "big"}
    assert (group["amiType"], group["capacityType"]) == ("AL2023_x86_64_NVIDIA", "SPOT")
    assert [taint["key"] for taint in group["taints"]] == ["team", "nvidia.com/gpu"]
    template = made["node-group/big/template"].inputs
    assert template["metadataOptions"]["httpPutResponseHopLimit"] == 1
    assert "diskSize" not in group


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"size": NodeSize(min_size=0)}, "autoscaler"),
        ({"size": NodeSize(min_size=4)}, "max_size"),
        ({"labels": {"kubernetes.io/x": "y"}}, "kubernetes.io/x"),
        ({"cluster": "no network"}, "network"),
    ],
)
def test_a_group_that_could_not_work_is_refused(options, why):
    """With the reason, before anything is declared."""

    def program():
        handle = cluster().handle
        if "cluster" in options:
            handle = ExistingCluster("theirs", kubeconfig="{}").handle
        rest = {key: value for key, value in options.items() if key != "cluster"}
        with pytest.raises(MetaPrefectError, match="MP2120") as caught:
            NodeGroup("big", cluster=handle, **rest)
        assert why in caught.value.diagnostic.why

    assert not [name for name in record(program) if name.startswith("node-group/")]


def test_zero_nodes_are_left_to_an_autoscaler():
    """The number of nodes is then its, not ours."""
    made = record(
        lambda: NodeGroup("x", cluster=cluster().handle, size=NodeSize(min_size=0), autoscaled=True)
    )

    item = made["node-group/x/group"]
    assert list(item.request.ignoreChanges) == ["scalingConfig.desiredSize"]
    assert item.inputs["scalingConfig"] == {"minSize": 0, "maxSize": 3, "desiredSize": 0}


def test_an_autoscaler_may_change_the_groups_of_its_cluster_only():
    """Its role, its account and its version are the cluster's; it waits for nodes."""

    def program():
        handle = cluster().handle
        group = NodeGroup("main", cluster=handle)
        ClusterAutoscaler("main", cluster=handle, version="1.35", after=group.ready)

    made = record(program)

    policy = json.loads(made["cluster-autoscaler/main/identity/policy-scaling"].inputs["policy"])
    assert policy["Statement"][0]["Condition"] == {
        "StringEquals": {"aws:ResourceTag/eks:cluster-name": ["shop-dev-main"]}
    }
    item = made["cluster-autoscaler/main/deployment"]
    (container,) = item.inputs["spec"]["template"]["spec"]["containers"]
    assert container["image"].endswith("cluster-autoscaler:v1.35.0")
    assert container["command"][2].endswith("k8s.io/cluster-autoscaler/shop-dev-main")
    assert {
        "node-group/main/group",
        "cluster-autoscaler/main/cluster-binding",
        "cluster-autoscaler/main/identity/association",
    } <= item.dependencies


def test_addons_with_pods_wait_for_nodes():
    """Without a node AWS would wait for them in vain."""

    def program():
        handle = cluster().handle
        ClusterAddons("main", cluster=handle, nodes=NodeGroup("main", cluster=handle).ready)

    made = record(program)

    assert "node-group/main/group" in made["cluster-addons/main/addon-coredns"].dependencies


def test_a_pod_identity_ties_account_and_role_together():
    """The association waits for the policies, so that no pod starts without its permissions."""

    def program():
        namespace = Namespace("flows", cluster=cluster().handle).handle
        PodIdentity("grant", owner="report", namespace=namespace, policies={"results": "{}"})

    made = record(program)

    assert children(made, "report/grant") == {"account", "role", "policy-results", "association"}
    role = made["report/grant/role"].inputs
    assert (role["name"], role["path"]) == ("shop-dev-report-grant", "/meta-prefect/")
    assert made["report/grant/association"].inputs["serviceAccount"] == "report-grant"
    assert "report/grant/policy-results" in made["report/grant/association"].dependencies
    assert made["report/grant/account"].provider == "cluster/main/k8s"


def test_web_identities_stand_on_the_account():
    """With IRSA the account names its role, and the trust names the account."""

    def program():
        handle = ExistingCluster("theirs", eks_name="theirs", identity="irsa").handle
        namespace = Namespace("flows", cluster=handle).handle
        PodIdentity("report", namespace=namespace, policies={"results": "{}"})

    made = record(program)

    account = made["identity/report/account"].inputs
    assert account["metadata"]["annotations"].keys() == {"eks.amazonaws.com/role-arn"}
    (statement,) = json.loads(made["identity/report/role"].inputs["assumeRolePolicy"])["Statement"]
    assert statement["Principal"]["Federated"].endswith("oidc-provider/oidc.eks/theirs")
    assert "identity/report/association" not in made


def declare_in_theirs():
    """An account with permissions in a cluster of somebody else."""
    handle = ExistingCluster("theirs", eks_name="theirs").handle
    namespace = Namespace("flows", cluster=handle).handle
    PodIdentity("report", namespace=namespace, policies={"results": "{}"})


def test_a_cluster_without_the_agent_gives_no_roles_either():
    """Nothing is tied to its accounts, and the message names both ways out."""
    missing = {GET_ADDON: ({}, [("", "reading EKS Add-On: couldn't find resource")])}

    with pytest.raises(MetaPrefectError, match="MP2125") as caught:
        record(declare_in_theirs, answers=missing)

    install, instead = caught.value.diagnostic.fixes
    assert install.endswith(
        "create-addon --cluster-name theirs --addon-name eks-pod-identity-agent"
    )
    assert 'identity="irsa"' in instead


@pytest.mark.parametrize(
    "answers",
    [
        {GET_ADDON: ({}, [("", "AccessDeniedException: eks:DescribeAddon")])},
        {
            GET_ADDON: ({}, [("", "couldn't find resource")]),
            GET_CLUSTER: {**ANSWERS[GET_CLUSTER], "computeConfigs": [{"enabled": True}]},
        },
    ],
    ids=["nobody may ask", "automatic mode"],
)
def test_where_the_agent_may_be_it_is_taken_to_be_there(answers):
    """Roles are tied to accounts where nobody may ask, and where the cluster brings the agent."""
    made = record(declare_in_theirs, answers=answers)

    assert made["identity/report/association"].inputs["clusterName"] == "theirs"


def test_a_cluster_known_by_kubeconfig_gives_no_roles():
    """Policies are refused there, an account alone is not."""

    def program():
        handle = ExistingCluster("lab", kubeconfig="{}").handle
        namespace = Namespace("flows", cluster=handle).handle
        PodIdentity("plain", namespace=namespace)
        with pytest.raises(MetaPrefectError, match="MP2121"):
            PodIdentity("report", namespace=namespace, policies={"results": "{}"})

    made = record(program)

    assert children(made, "identity/plain") == {"account"}
    assert not [item for item in made.values() if item.type.startswith("aws:")]


def test_a_transform_changes_any_inner_resource():
    """It gets the arguments and gives those to change; one for no child is refused."""
    made = record(
        lambda: ContainerRegistry(
            "flows", transforms={"repository": lambda args: {"tags": {**args["tags"], "a": "b"}}}
        )
    )

    assert made["registry/flows/repository"].inputs["tags"]["a"] == "b"
    with pytest.raises(ValueError, match="repositry"):
        record(lambda: ContainerRegistry("flows", transforms={"repositry": dict}))
