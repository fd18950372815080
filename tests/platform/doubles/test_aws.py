"""The AWS double does to moto what the official provider would do to AWS, type by type."""

import asyncio
import re

import pytest
from botocore.exceptions import ClientError

from meta_prefect.interfaces.provider import (
    Changes,
    CheckRequest,
    ConfigureRequest,
    CreateRequest,
    CreateResponse,
    DeleteRequest,
    DiffRequest,
    InvokeRequest,
    ProviderError,
    ReadRequest,
    UpdateRequest,
)
from meta_prefect.interfaces.values import UNKNOWN, Secret
from tests.platform.doubles.aws_things import THINGS, TRUST
from tests.support.aws.kinds import KINDS
from tests.support.aws.provider import AwsDouble, find_sdk_class

pytest_plugins = ["tests.support.aws.world"]

_AWS_POLICIES = "arn:aws:iam::aws:policy"
_PLACE = re.compile(r"\$\{(?P<name>[a-z-]+)(?:\.(?P<output>\w+))?\}")


class Workshop:
    """Makes things with the double, and what they need before them."""

    def __init__(self, world):
        self.double = AwsDouble(world.kept)
        self.made = {}

    def run(self, method, *arguments):
        """Call the double, as an engine does for one resource after the other."""
        return asyncio.run(getattr(self.double, method)(*arguments))

    def configure(self, **inputs):
        return self.run("configure", ConfigureRequest(inputs))

    def make(self, name):
        """Make a thing and what it needs; gives its URN, inputs and the double's answer."""
        if name not in self.made:
            thing = THINGS[name]
            urn = f"urn:pulumi:dev::flows::{thing.token}::{name}"
            inputs = self.check(urn, self.fill(thing.inputs))
            answer = self.run("create", CreateRequest(urn, inputs))
            self.made[name] = (urn, inputs, answer)
        return self.made[name]

    def check(self, urn, inputs, olds=None):
        """Check inputs; a test that does not expect failures has none."""
        answer = self.run("check", CheckRequest(urn, olds or {}, inputs))
        assert answer.failures == ()
        return answer.inputs

    def fill(self, value):
        """Put what other things are into the places for it."""
        if isinstance(value, dict):
            return {key: self.fill(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.fill(item) for item in value]
        place = _PLACE.fullmatch(value) if isinstance(value, str) else None
        if place is None:
            return value
        answer = self.make(place["name"])[2]
        return answer.properties[place["output"]] if place["output"] else answer.id

    def read(self, name):
        urn, inputs, answer = self.made[name]
        return self.run("read", ReadRequest(answer.id, urn, inputs, answer.properties))

    def diff(self, name, news):
        urn, inputs, answer = self.made[name]
        request = DiffRequest(answer.id, urn, inputs, answer.properties, news)
        return self.run("diff", request)

    def update(self, name, news):
        """Change a thing, and remember it as it is now; gives its outputs."""
        urn, inputs, answer = self.made[name]
        request = UpdateRequest(answer.id, urn, inputs, answer.properties, news)
        outputs = self.run("update", request)
        self.made[name] = (urn, news, CreateResponse(answer.id, outputs))
        return outputs

    def delete(self, name):
        urn, inputs, answer = self.made[name]
        return self.run("delete", DeleteRequest(answer.id, urn, inputs, answer.properties))


@pytest.fixture
def shop(aws, monkeypatch):
    """A workshop in an empty AWS."""
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)
    shop = Workshop(aws)
    yield shop
    asyncio.run(shop.double.close())


def test_every_type_has_a_thing():
    """No resource type of the double goes without these tests."""
    assert {thing.token for thing in THINGS.values()} == set(KINDS)


# A version stays until AWS drops it, versioning is only suspended, and a cluster has no capacity.
_STAYS = {"secret-version", "versioning", "capacity"}


@pytest.mark.parametrize("name", THINGS)
def test_a_thing_comes_and_goes(shop, name):
    """What was made is found as it was asked for, is no drift, and is gone once it is deleted."""
    _, inputs, answer = shop.make(name)

    found = shop.read(name)
    again = shop.diff(name, inputs)
    shop.delete(name)
    left = shop.read(name)
    shop.delete(name)

    assert (found.id, found.inputs, found.properties) == (answer.id, inputs, answer.properties)
    assert again.changes is Changes.NONE
    assert left.id == "" or name in _STAYS


@pytest.mark.parametrize("name", [name for name, thing in THINGS.items() if thing.change])
def test_a_thing_is_changed_in_place(shop, name):
    """A change that AWS can make in place is no replacement, and is there afterwards."""
    urn, inputs, _ = shop.make(name)
    news = shop.check(urn, {**inputs, **shop.fill(THINGS[name].change)}, inputs)

    diff = shop.diff(name, news)
    outputs = shop.update(name, news)
    found = shop.read(name)

    assert diff.changes is Changes.SOME
    assert diff.replaces == ()
    assert found.properties == outputs
    assert found.inputs == news


@pytest.mark.parametrize("name", [name for name, thing in THINGS.items() if thing.replacing])
def test_what_means_another_thing(shop, name):
    """A change that AWS cannot make asks for a replacement by the name of the input."""
    thing = THINGS[name]
    urn = f"urn:pulumi:dev::flows::{thing.token}::{name}"
    request = DiffRequest("id", urn, thing.inputs, {}, {**thing.inputs, **thing.replacing})

    diff = shop.run("diff", request)

    assert diff.replaces == tuple(thing.replacing)


@pytest.mark.parametrize("name", THINGS)
def test_a_preview_says_what_is_known(shop, name):
    """A preview of a thing asks AWS nothing, and gives all outputs, unknown or as asked."""
    token = THINGS[name].token
    urn = f"urn:pulumi:dev::flows::{token}::{name}"

    answer = shop.run("create", CreateRequest(urn, THINGS[name].inputs, preview=True))

    assert answer.id is UNKNOWN
    assert THINGS[name].inputs.items() <= answer.properties.items()
    assert find_sdk_class(token).outputs <= answer.properties.keys()


def test_a_name_is_made_and_kept(shop):
    """A resource without a name gets one made of its logical name, and keeps it."""
    urn = "urn:pulumi:dev::flows::aws:sqs/queue:Queue::events"

    made = shop.check(urn, {})
    kept = shop.check(urn, {"delaySeconds": 3}, made)

    assert re.fullmatch(r"events-[0-9a-f]{7}", made["name"])
    assert kept["name"] == made["name"]


def test_a_prefix_is_no_name(shop):
    """A resource with a prefix gets no other name, so that a second one may exist beside it."""
    urn = "urn:pulumi:dev::flows::aws:eks/nodeGroup:NodeGroup::big"
    inputs = shop.fill(THINGS["node-group"].inputs)

    made = shop.check(urn, inputs)

    assert "nodeGroupName" not in made


def test_required_inputs(shop):
    """Every input that is missing is named at once, those inside of others too."""
    urn = "urn:pulumi:dev::flows::aws:eks/nodeGroup:NodeGroup::big"

    answer = shop.run("check", CheckRequest(urn, {}, {"scalingConfig": {"minSize": 1}}))

    assert {failure.property for failure in answer.failures} == {
        "clusterName",
        "nodeRoleArn",
        "subnetIds",
        "scalingConfig.desiredSize",
        "scalingConfig.maxSize",
    }


def test_a_wrong_shape(shop):
    """A list where an object belongs is refused, and an unknown or secret value is not."""
    urn = "urn:pulumi:dev::flows::aws:eks/cluster:Cluster::c"
    inputs = {"roleArn": UNKNOWN, "vpcConfig": ["subnet-1"], "version": Secret("1.33")}

    answer = shop.run("check", CheckRequest(urn, {}, inputs))

    assert [failure.property for failure in answer.failures] == ["vpcConfig"]


@pytest.mark.parametrize("left", [[], [{"Key": "team", "Value": "other"}]])
def test_tags_that_somebody_changed(shop, aws, left):
    """Tags that somebody took away or changed are drift."""
    _, inputs, answer = shop.make("vpc")
    client = aws.client("ec2")
    client.delete_tags(Resources=[answer.id], Tags=[{"Key": "team"}])
    if left:
        client.create_tags(Resources=[answer.id], Tags=left)

    found = shop.read("vpc")

    assert found.inputs["tags"] == {tag["Key"]: tag["Value"] for tag in left}
    assert {**found.inputs, "tags": inputs["tags"]} == inputs


def test_documents_are_compared_by_what_they_say(shop):
    """A policy with other spaces is the same policy."""
    _, inputs, _ = shop.make("role")

    diff = shop.diff("role", {**inputs, "assumeRolePolicy": TRUST.replace(" ", "")})

    assert diff.changes is Changes.NONE


def test_what_aws_refuses(shop):
    """A refusal of AWS is the provider's error, with AWS's own words."""
    thing = THINGS["subnet"]
    urn = f"urn:pulumi:dev::flows::{thing.token}::a"
    inputs = {**thing.inputs, "vpcId": "vpc-00000000"}

    with pytest.raises(ProviderError, match=r"InvalidVpcID\.NotFound"):
        shop.run("create", CreateRequest(urn, inputs))


def test_policies_of_aws_itself(shop):
    """A policy that AWS manages can be attached without being made, and a wrong name cannot."""
    shop.make("role")
    kind = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
    urn = f"urn:pulumi:dev::flows::{kind}::a"
    inputs = {"role": shop.fill("${role}"), "policyArn": f"{_AWS_POLICIES}/AmazonEKSClusterPolicy"}

    made = shop.run("create", CreateRequest(urn, inputs))

    assert made.properties["policyArn"] == inputs["policyArn"]
    with pytest.raises(ProviderError, match="NoSuchEntity"):
        shop.run("create", CreateRequest(urn, {**inputs, "policyArn": f"{_AWS_POLICIES}/No"}))


def test_the_security_group_of_a_cluster(shop, aws):
    """A cluster has a security group of its own in its network, which goes with it."""
    network = shop.make("cluster")[2].properties["vpcConfig"]
    mine = [{"Name": "group-id", "Values": [network["clusterSecurityGroupId"]]}]
    ec2 = aws.client("ec2")
    (group,) = ec2.describe_security_groups(Filters=mine)["SecurityGroups"]

    shop.delete("cluster")

    assert group["VpcId"] == network["vpcId"]
    assert ec2.describe_security_groups(Filters=mine)["SecurityGroups"] == []


_ASK_MOTO = {
    "aws:eks/accessEntry:AccessEntry": ("describe_access_entry", {"principalArn": "a"}),
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": (
        "list_associated_access_policies",
        {"principalArn": "a"},
    ),
    "aws:eks/addon:Addon": ("describe_addon", {"addonName": "a"}),
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": (
        "describe_pod_identity_association",
        {"associationId": "a"},
    ),
}


@pytest.mark.parametrize("token", [token for token, kind in KINDS.items() if kind.kept])
def test_what_moto_still_cannot_do(aws, token):
    """What the double keeps itself, moto has no address for: it need not be kept when it has."""
    operation, arguments = _ASK_MOTO[token]

    with pytest.raises(ClientError) as caught:
        getattr(aws.client("eks"), operation)(clusterName="a", **arguments)

    assert caught.value.response["Error"]["Code"] == "404"


def test_a_part_of_a_cluster_that_is_not_there(shop):
    """What the double keeps itself is refused without its cluster too."""
    urn = "urn:pulumi:dev::flows::aws:eks/addon:Addon::cni"

    with pytest.raises(ProviderError, match="ResourceNotFoundException"):
        shop.run("create", CreateRequest(urn, {"clusterName": "none", "addonName": "vpc-cni"}))


def test_a_part_of_a_cluster_that_is_there_already(shop):
    """What the double keeps itself is refused a second time, as EKS does."""
    urn, inputs, _ = shop.make("addon")

    with pytest.raises(ProviderError, match="ResourceInUseException"):
        shop.run("create", CreateRequest(urn, inputs))


def test_a_full_bucket_stays(shop, aws):
    """A bucket with objects is taken away only when it was said so before."""
    urn, inputs, answer = shop.make("bucket")
    aws.client("s3").put_object(Bucket=answer.id, Key="result", Body=b"1")
    kept = {**inputs, "forceDestroy": False}

    with pytest.raises(ProviderError, match="BucketNotEmpty"):
        shop.run("delete", DeleteRequest(answer.id, urn, kept, answer.properties))
    shop.delete("bucket")

    assert aws.client("s3").list_buckets()["Buckets"] == []


def test_an_object_made_elsewhere(shop, aws):
    """A read by id alone gives inputs, as an import needs them."""
    aws.client("logs").create_log_group(logGroupName="/made/by/hand")
    urn = "urn:pulumi:dev::flows::aws:cloudwatch/logGroup:LogGroup::hand"

    found = shop.run("read", ReadRequest("/made/by/hand", urn, {}, {}))

    assert found.id == "/made/by/hand"
    assert found.inputs["name"] == "/made/by/hand"


@pytest.mark.parametrize(
    ("token", "arguments", "expected"),
    [
        ("aws:index/getCallerIdentity:getCallerIdentity", {}, {"accountId": "123456789012"}),
        ("aws:index/getPartition:getPartition", {}, {"partition": "aws"}),
        ("aws:index/getPartition:getPartition", {"region": "cn-north-1"}, {"partition": "aws-cn"}),
        ("aws:index/getRegion:getRegion", {}, {"region": "eu-central-1"}),
        (
            "aws:index/getAvailabilityZones:getAvailabilityZones",
            {"state": "available"},
            {"names": ["eu-central-1a", "eu-central-1b", "eu-central-1c"]},
        ),
        ("aws:eks/getCluster:getCluster", {"name": "${cluster}"}, {"version": "1.33"}),
        ("aws:ec2/getVpc:getVpc", {"id": "${vpc}"}, {"cidrBlock": "10.0.0.0/16"}),
        (
            "aws:iam/getPolicyDocument:getPolicyDocument",
            {"statements": [{"actions": ["s3:GetObject"], "resources": ["*"]}]},
            {
                "minifiedJson": '{"Version":"2012-10-17","Statement":[{"Effect":"Allow",'
                '"Action":"s3:GetObject","Resource":"*"}]}'
            },
        ),
    ],
)
def test_data_sources(shop, token, arguments, expected):
    """Data sources tell what is there."""
    answer = shop.run("invoke", InvokeRequest(token, shop.fill(arguments)))

    assert answer.failures == ()
    assert {key: answer.result[key] for key in expected} == expected


def test_a_data_source_without_an_answer(shop):
    """A cluster that is not there is said to be missing, by the name that was asked for."""
    token = "aws:eks/getCluster:getCluster"

    answer = shop.run("invoke", InvokeRequest(token, {"name": "none"}))

    assert answer.failures[0].property == "name"


def test_provider_inputs(shop):
    """The provider's own inputs are checked, also where they come as text."""
    urn = "urn:pulumi:dev::flows::pulumi:providers:aws::default"
    inputs = {"defaultTags": '{"tag": {"a": "b"}}', "version": "7.51.1"}

    answer = shop.run("check_config", CheckRequest(urn, {}, inputs))

    assert [failure.property for failure in answer.failures] == ["defaultTags.tag"]


def test_no_region(shop, monkeypatch):
    """Without a region anywhere the provider is refused."""
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    urn = "urn:pulumi:dev::flows::pulumi:providers:aws::default"

    answer = shop.run("check_config", CheckRequest(urn, {}, {}))

    assert [failure.property for failure in answer.failures] == ["region"]


def test_what_an_update_makes_unknown(shop):
    """A preview of a changed launch template does not know its version, and of other tags does."""
    urn, inputs, answer = shop.make("launch-template")
    changed = {**inputs, "metadataOptions": {"httpTokens": "optional"}}
    tagged = {**inputs, "tags": {"team": "other"}}

    previews = [
        shop.run(
            "update",
            UpdateRequest(answer.id, urn, inputs, answer.properties, news, preview=True),
        )
        for news in (changed, tagged)
    ]

    assert [preview["latestVersion"] for preview in previews] == [UNKNOWN, 1]


def test_an_object_behind_a_policy_that_denies_plain_http(shop, aws):
    """Moto heeds no condition of a policy; objects come and go all the same, and it stays."""
    shop.make("object")
    shop.make("bucket-policy")
    before = aws.client("s3").get_bucket_policy(Bucket="data-bucket")["Policy"]

    shop.update("object", {**shop.made["object"][1], "content": "2"})
    found = shop.read("object")
    shop.delete("object")

    assert found.properties["key"] == "code/flow.py"
    assert aws.client("s3").list_objects_v2(Bucket="data-bucket")["KeyCount"] == 0
    assert aws.client("s3").get_bucket_policy(Bucket="data-bucket")["Policy"] == before
