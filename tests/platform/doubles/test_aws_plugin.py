"""Programs with the SDK's own classes run against the AWS double, started as a plugin on PATH."""

import os

import pulumi
import pulumi_aws
import pytest

from meta_prefect.engine.embedded.plugin_finder import PluginPlace
from meta_prefect.interfaces.engine import ConfigValue, Outcome
from tests.support.embedded import EmbeddedBench

pytest_plugins = ["tests.support.aws.world"]


@pytest.fixture
def bench(aws, tmp_path):
    """A stack whose only plugin is the double, and that may fetch nothing."""
    place = PluginPlace(
        {**os.environ, **aws.environment}, tmp_path / "home", {}, may_download=False
    )
    return EmbeddedBench(tmp_path / "state", plugins=place)


def declare_network(zones=1):
    """A network of a few subnets, with the zones that AWS says there are."""
    vpc = pulumi_aws.ec2.Vpc("net", cidr_block="10.0.0.0/16", tags={"team": "data"})
    names = pulumi_aws.get_availability_zones_output(state="available").names
    for index in range(zones):
        pulumi_aws.ec2.Subnet(
            f"private-{index}",
            vpc_id=vpc.id,
            cidr_block=f"10.0.{16 * index}.0/20",
            availability_zone=names[index],
        )
    pulumi.export("vpc", vpc.id)


def test_a_network_comes_stays_grows_and_goes(bench, aws):
    """A program of the official SDK is made, kept, grown and destroyed by the double."""
    made = bench.up(declare_network)
    found = aws.client("ec2").describe_vpcs(VpcIds=[made.outputs["vpc"].value])["Vpcs"]
    kept = bench.up(declare_network)
    kept_steps = bench.steps
    grown = bench.up(lambda: declare_network(zones=2))
    grown_steps = bench.steps
    gone = bench.destroy()

    assert [run.outcome for run in (made, kept, grown, gone)] == [Outcome.SUCCEEDED] * 4
    assert found[0]["CidrBlock"] == "10.0.0.0/16"
    assert {op for op, _ in kept_steps} == {"same"}
    assert ("create", "private-1") in grown_steps
    assert bench.stored == {}
    assert (
        aws.client("ec2").describe_subnets(
            Filters=[{"Name": "vpc-id", "Values": [made.outputs["vpc"].value]}]
        )["Subnets"]
        == []
    )


def test_drift_is_found_and_mended(bench, aws):
    """What somebody changes by hand shows in a refresh, and the next `up` changes it back."""

    def program():
        pulumi_aws.cloudwatch.LogGroup("flows", name="/flows", retention_in_days=30)

    bench.up(program)
    aws.client("logs").put_retention_policy(logGroupName="/flows", retentionInDays=7)

    bench.refresh()
    seen = bench.stored["flows"].outputs["retentionInDays"]
    bench.up(program)
    steps = bench.steps
    groups = aws.client("logs").describe_log_groups()["logGroups"]

    assert seen == 7
    assert ("update", "flows") in steps
    assert groups[0]["retentionInDays"] == 30


def test_what_is_gone_comes_back(bench, aws):
    """What somebody deletes by hand is gone after a refresh, and the next `up` makes it again."""

    def program():
        pulumi_aws.s3.Bucket("data", bucket="flows-data")

    bench.up(program)
    aws.client("s3").delete_bucket(Bucket="flows-data")

    bench.refresh()
    gone = "data" not in bench.stored
    bench.up(program)

    assert gone
    assert [bucket["Name"] for bucket in aws.client("s3").list_buckets()["Buckets"]] == [
        "flows-data"
    ]


def test_a_typo_is_refused(bench):
    """A wrong input name, at any depth, fails before anything is made, as officially."""

    class Versioning(pulumi.CustomResource):
        def __init__(self, name, **props):
            super().__init__("aws:s3/bucketVersioning:BucketVersioning", name, props)

    result = bench.up(
        lambda: Versioning("v", bucket="b", versioningConfiguration={"statu": "Enabled"})
    )

    assert result.outcome is Outcome.FAILED
    texts = " ".join(text for _, text in bench.messages)
    assert "versioningConfiguration.status" in texts
    assert "did you mean status?" in texts


def test_an_unknown_type_is_named(bench):
    """A resource type that the double does not know is refused by its name."""
    result = bench.up(lambda: pulumi_aws.sns.Topic("t"))

    assert result.outcome is Outcome.FAILED
    assert any("aws:sns/topic:Topic" in text for _, text in bench.messages)


def test_tags_of_the_provider(bench, aws):
    """Tags of the provider are on everything, are no tags of the resource, and no drift."""
    config = {"aws:defaultTags": ConfigValue('{"tags": {"stack": "dev"}}')}

    def program():
        vpc = pulumi_aws.ec2.Vpc("net", cidr_block="10.0.0.0/16", tags={"team": "data"})
        pulumi.export("all", vpc.tags_all)
        pulumi.export("own", vpc.tags)

    result = bench.up(program, config=config)
    bench.refresh(config=config)
    bench.up(program, config=config)

    assert result.outputs["all"].value == {"stack": "dev", "team": "data"}
    assert result.outputs["own"].value == {"team": "data"}
    assert {op for op, _ in bench.steps} == {"same"}


def test_a_secret_stays_one(bench, aws):
    """A secret input reaches AWS in clear and stays a secret in state."""

    def program():
        secret = pulumi_aws.secretsmanager.Secret("key", name="flows-key")
        version = pulumi_aws.secretsmanager.SecretVersion(
            "key", secret_id=secret.id, secret_string=pulumi.Output.secret("hush")
        )
        pulumi.export("value", version.secret_string)

    result = bench.up(program)

    held = aws.client("secretsmanager").get_secret_value(SecretId="flows-key")
    assert result.outputs["value"].secret
    assert held["SecretString"] == "hush"


@pytest.fixture
def poor_bench(aws, tmp_path):
    """A stack without credentials, and with no AWS to ask."""
    hidden = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL"}
    environment = {k: v for k, v in aws.environment.items() if k not in hidden}
    environment |= {"AWS_EC2_METADATA_DISABLED": "true", "HOME": str(tmp_path)}
    place = PluginPlace({**os.environ, **environment}, tmp_path / "home", {}, may_download=False)
    return EmbeddedBench(tmp_path / "state", plugins=place)


def test_without_credentials_the_provider_is_refused(poor_bench):
    """Even a preview is refused, once for all resources, as by the official plugin."""
    result = poor_bench.preview(declare_network)

    reasons = [text.summary for text in result.diagnostics if "credential" in text.summary]
    assert result.outcome is Outcome.FAILED
    assert len(reasons) == 1
    assert "No valid credential sources found." in reasons[0]
