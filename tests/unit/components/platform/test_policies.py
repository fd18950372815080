"""Policies list exactly the actions on exactly the resources."""

import json

import pytest

from meta_prefect.components.platform import policies
from meta_prefect.components.platform.ecs_policies import EcsPlace, allow_ecs_worker
from meta_prefect.components.platform.policies import render_policy

BUCKET = "arn:aws:s3:::results"
CLUSTER = "arn:aws:eks:eu-west-1:123456789012:cluster/main"
ECS = EcsPlace(
    cluster="arn:aws:ecs:eu-west-1:123456789012:cluster/main",
    family="shop-dev",
    roles="shop-dev-",
    task_role="arn:aws:iam::123456789012:role/meta-prefect/task",
    execution_role="arn:aws:iam::123456789012:role/meta-prefect/execution",
    log_group="arn:aws:logs:eu-west-1:123456789012:log-group:/meta-prefect/shop/dev/ecs",
    queue="arn:aws:sqs:eu-west-1:123456789012:shop-dev-events",
)
GRANTS = {
    "results": policies.allow_results(BUCKET, "a/b"),
    "results of a whole bucket": policies.allow_results(BUCKET, "", delete=True),
    "code": policies.allow_code(BUCKET, "code/abc"),
    "key": policies.allow_key("arn:aws:kms:eu-west-1:123456789012:key/k", "eu-west-1"),
    "push": policies.allow_push("arn:aws:ecr:eu-west-1:123456789012:repository/shop/dev"),
    "scaling": policies.allow_scaling("main", "aws", "eu-west-1", "123456789012"),
    "secret": policies.allow_secret("arn:aws:secretsmanager:eu-west-1:123456789012:secret:s-1"),
    "ecs worker": allow_ecs_worker(ECS),
}
TRUSTS = {
    "service": policies.trust_service(policies.EKS),
    "pods": policies.trust_pods(CLUSTER, "123456789012", "flows", "report"),
    "web identity": policies.trust_web_identity(
        "arn:aws:iam::123456789012:oidc-provider/x", "https://x", "flows", "report"
    ),
}


@pytest.mark.parametrize("document", [*GRANTS.values(), *TRUSTS.values()], ids=[*GRANTS, *TRUSTS])
def test_nothing_is_allowed_in_general(document):
    """No action has a star, and no resource is one, except where AWS knows no resources."""
    for statement in document.statements:
        assert not statement.deny
        assert not [action for action in statement.actions if "*" in action]
        assert ("*" in statement.resources) is (not statement.has_resource_level)
        for arn in statement.resources:
            assert arn == "*" or arn.startswith("arn:aws:")


@pytest.mark.parametrize("document", GRANTS.values(), ids=GRANTS)
def test_stars_stand_only_below_what_is_named(document):
    """A star in an ARN comes after the name of the thing that is meant."""
    for statement in document.statements:
        for arn in statement.resources:
            named = arn.partition("*")[0]
            assert (
                arn == "*"
                or any(
                    name in named
                    for name in ("results", "main", "shop", "key/k", "secret:s", "role/")
                )
                or statement.conditions
            )


def test_results_are_read_and_written_below_their_path():
    """The policy of a flow's results, as a whole."""
    assert json.loads(render_policy(GRANTS["results"])) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Results",
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:PutObject"],
                "Resource": [f"{BUCKET}/a/b/*"],
            },
            {
                "Sid": "SeeResults",
                "Effect": "Allow",
                "Action": ["s3:ListBucket"],
                "Resource": [BUCKET],
                "Condition": {"StringLike": {"s3:prefix": ["a/b/*"]}},
            },
        ],
    }


def test_pods_take_a_role_only_as_their_service_account():
    """The trust of a pod identity names cluster, namespace, account and service account."""
    (statement,) = json.loads(render_policy(TRUSTS["pods"]))["Statement"]

    assert statement["Principal"] == {"Service": "pods.eks.amazonaws.com"}
    assert statement["Action"] == ["sts:AssumeRole", "sts:TagSession"]
    assert statement["Condition"] == {
        "StringEquals": {
            "aws:RequestTag/kubernetes-namespace": ["flows"],
            "aws:RequestTag/kubernetes-service-account": ["report"],
            "aws:SourceAccount": ["123456789012"],
        },
        "ArnEquals": {"aws:SourceArn": [CLUSTER]},
    }


def test_web_identities_are_told_apart_by_subject_and_audience():
    """The keys of the conditions begin with the issuer, without its scheme."""
    (statement,) = json.loads(render_policy(TRUSTS["web identity"]))["Statement"]

    assert statement["Condition"]["StringEquals"] == {
        "x:sub": ["system:serviceaccount:flows:report"],
        "x:aud": ["sts.amazonaws.com"],
    }


def test_an_ecs_worker_passes_its_stacks_roles_and_runs_one_family():
    """Roles, task definitions, tasks, log group and queue are the pool's own."""
    statements = {item.sid: item for item in allow_ecs_worker(ECS).statements}

    assert statements["Pass"].resources == (
        ECS.task_role,
        ECS.execution_role,
        "arn:aws:iam::123456789012:role/meta-prefect/shop-dev-*",
    )
    assert statements["Run"].resources == (
        "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop-dev*",
    )
    assert statements["Watch"].resources == ("arn:aws:ecs:eu-west-1:123456789012:task/main/*",)
    assert statements["ReadLogs"].resources == (f"{ECS.log_group}:*",)
    assert statements["Listen"].resources == (ECS.queue,)


def test_a_bucket_refuses_plain_http_to_everybody():
    """The one statement with a star forbids."""
    (statement,) = json.loads(render_policy(policies.deny_plain_http(BUCKET)))["Statement"]

    assert (statement["Effect"], statement["Principal"]) == ("Deny", "*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": ["false"]}}


def test_equal_policies_are_equal_texts():
    """The order in which actions are written says nothing."""
    first = policies.Statement("A", ("b:B", "a:A"), ("y", "x"))
    second = policies.Statement("A", ("a:A", "b:B"), ("x", "y"))

    assert render_policy(policies.PolicyDocument((first,))) == render_policy(
        policies.PolicyDocument((second,))
    )
