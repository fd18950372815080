"""
Policies of AWS: what each need may do, and nothing more.

Pure: made from names and ARNs, rendered as JSON that is the same in every run. Which of them a flow
gets is decided in `components.grants`. Not to be confused with `rbac`, permissions inside a
cluster.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

_VERSION: Final = "2012-10-17"
_ANY: Final = ("*",)
ECS_TASKS: Final = "ecs-tasks.amazonaws.com"
EKS: Final = "eks.amazonaws.com"
EC2: Final = "ec2.amazonaws.com"


@dataclass(frozen=True, slots=True)
class Condition:
    """One test of a request: `operator` as in IAM, a key, and the values of which one must fit."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """
    Some actions on some resources.

    sid: letters and digits.
    resources: ARNs.
    conditions: all of them must hold.
    principal: of a trust or of a resource's policy, by kind; empty in a role's policy.
    has_resource_level: false where AWS knows no resources for the actions, which are then on `*`.
    deny: forbid them.
    """

    sid: str
    actions: tuple[str, ...]
    resources: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    principal: tuple[tuple[str, str], ...] = ()
    has_resource_level: bool = True
    deny: bool = False


@dataclass(frozen=True, slots=True)
class PolicyDocument:
    """Statements that belong together."""

    statements: tuple[Statement, ...]


def render_policy(document: PolicyDocument) -> str:
    """Render a policy as JSON with sorted keys, so that equal policies are equal texts."""
    body = {"Version": _VERSION, "Statement": [_render(item) for item in document.statements]}
    return json.dumps(body, sort_keys=True, separators=(",", ":"))


def _render(statement: Statement) -> dict[str, Any]:
    rendered: dict[str, Any] = {
        "Sid": statement.sid,
        "Effect": "Deny" if statement.deny else "Allow",
        "Action": sorted(statement.actions),
    }
    if statement.resources:
        rendered["Resource"] = sorted(statement.resources)
    if statement.principal:
        rendered["Principal"] = _render_principal(statement.principal)
    if statement.conditions:
        rendered["Condition"] = _render_conditions(statement.conditions)
    return rendered


def _render_principal(principal: Sequence[tuple[str, str]]) -> str | dict[str, str]:
    """Everybody is a word of its own in IAM."""
    return "*" if principal == (("AWS", "*"),) else dict(principal)


def _render_conditions(conditions: Sequence[Condition]) -> Mapping[str, Mapping[str, list[str]]]:
    rendered: dict[str, dict[str, list[str]]] = {}
    for condition in conditions:
        rendered.setdefault(condition.operator, {})[condition.key] = sorted(condition.values)
    return rendered


def _equals(key: str, *values: str) -> Condition:
    return Condition("StringEquals", key, values)


def _below(arn: str, path: str) -> str:
    """Give all objects of a bucket below a path, or all of it."""
    return f"{arn}/{path.strip('/')}/*" if path.strip("/") else f"{arn}/*"


def allow_results(bucket_arn: str, path: str, *, delete: bool = False) -> PolicyDocument:
    """Read and write results below a path, and learn that one is not there."""
    prefix = f"{path.strip('/')}/*" if path.strip("/") else "*"
    more = ("s3:DeleteObject",) if delete else ()
    return PolicyDocument(
        (
            Statement(
                "Results", ("s3:GetObject", "s3:PutObject", *more), (_below(bucket_arn, path),)
            ),
            Statement(
                "SeeResults",
                ("s3:ListBucket",),
                (bucket_arn,),
                (Condition("StringLike", "s3:prefix", (prefix,)),) if prefix != "*" else (),
            ),
        )
    )


def allow_code(bucket_arn: str, path: str) -> PolicyDocument:
    """Read code below a path."""
    prefix = path.strip("/")
    return PolicyDocument(
        (
            Statement("Code", ("s3:GetObject",), (_below(bucket_arn, path),)),
            Statement(
                "SeeCode",
                ("s3:ListBucket",),
                (bucket_arn,),
                (Condition("StringLike", "s3:prefix", (prefix, f"{prefix}/*")),),
            ),
        )
    )


def allow_key(key_arn: str, region: str) -> PolicyDocument:
    """Use the key of an encrypted bucket, through S3 only."""
    return PolicyDocument(
        (
            Statement(
                "Key",
                ("kms:Decrypt", "kms:GenerateDataKey"),
                (key_arn,),
                (_equals("kms:ViaService", f"s3.{region}.amazonaws.com"),),
            ),
        )
    )


def allow_push(repository_arn: str) -> PolicyDocument:
    """Push images to one repository."""
    actions = (
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:CompleteLayerUpload",
        "ecr:InitiateLayerUpload",
        "ecr:PutImage",
        "ecr:UploadLayerPart",
    )
    return PolicyDocument(
        (
            Statement("Push", actions, (repository_arn,)),
            Statement("LogIn", ("ecr:GetAuthorizationToken",), _ANY, has_resource_level=False),
        )
    )


def allow_scaling(cluster: str, partition: str, region: str, account: str) -> PolicyDocument:
    """Let the cluster autoscaler change the groups of one cluster."""
    groups = f"arn:{partition}:autoscaling:{region}:{account}:autoScalingGroup:*"
    nodes = f"arn:{partition}:eks:{region}:{account}:nodegroup/{cluster}/*"
    change = (
        "autoscaling:SetDesiredCapacity",
        "autoscaling:TerminateInstanceInAutoScalingGroup",
    )
    look = (
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeAutoScalingInstances",
        "autoscaling:DescribeLaunchConfigurations",
        "autoscaling:DescribeScalingActivities",
        "autoscaling:DescribeTags",
        "ec2:DescribeImages",
        "ec2:DescribeInstanceTypes",
        "ec2:DescribeLaunchTemplateVersions",
        "ec2:GetInstanceTypesFromInstanceRequirements",
    )
    in_cluster = (_equals("aws:ResourceTag/eks:cluster-name", cluster),)
    return PolicyDocument(
        (
            Statement("Scale", change, (groups,), in_cluster),
            Statement("SeeGroups", ("eks:DescribeNodegroup",), (nodes,)),
            Statement("Look", look, _ANY, has_resource_level=False),
        )
    )


def allow_secret(secret_arn: str) -> PolicyDocument:
    """Read one secret."""
    return PolicyDocument((Statement("Secret", ("secretsmanager:GetSecretValue",), (secret_arn,)),))


def deny_plain_http(bucket_arn: str) -> PolicyDocument:
    """Refuse everybody who speaks to a bucket without TLS."""
    return PolicyDocument(
        (
            Statement(
                "OnlyTls",
                ("s3:*",),
                (bucket_arn, f"{bucket_arn}/*"),
                (Condition("Bool", "aws:SecureTransport", ("false",)),),
                principal=(("AWS", "*"),),
                deny=True,
            ),
        )
    )


def trust_service(service: str) -> PolicyDocument:
    """Let a service of AWS take a role."""
    return PolicyDocument(
        (Statement("Trust", ("sts:AssumeRole",), principal=(("Service", service),)),)
    )


def trust_pods(
    cluster_arn: str, account: str, namespace: str, service_account: str
) -> PolicyDocument:
    """Let the pods of one service account of one cluster take a role, by EKS Pod Identity."""
    return PolicyDocument(
        (
            Statement(
                "Pods",
                ("sts:AssumeRole", "sts:TagSession"),
                conditions=(
                    _equals("aws:RequestTag/kubernetes-namespace", namespace),
                    _equals("aws:RequestTag/kubernetes-service-account", service_account),
                    _equals("aws:SourceAccount", account),
                    Condition("ArnEquals", "aws:SourceArn", (cluster_arn,)),
                ),
                principal=(("Service", "pods.eks.amazonaws.com"),),
            ),
        )
    )


def trust_addon(cluster_arn: str) -> PolicyDocument:
    """Let an addon of one cluster take a role; EKS itself says which of its pods."""
    return PolicyDocument(
        (
            Statement(
                "Pods",
                ("sts:AssumeRole", "sts:TagSession"),
                conditions=(Condition("ArnEquals", "aws:SourceArn", (cluster_arn,)),),
                principal=(("Service", "pods.eks.amazonaws.com"),),
            ),
        )
    )


def trust_web_identity(
    provider_arn: str, issuer: str, namespace: str, service_account: str
) -> PolicyDocument:
    """
    Let the pods of one service account take a role, by the cluster's OpenID Connect (IRSA).

    issuer: its URL, with or without `https://`.
    """
    host = issuer.removeprefix("https://")
    return PolicyDocument(
        (
            Statement(
                "Pods",
                ("sts:AssumeRoleWithWebIdentity",),
                conditions=(
                    _equals(f"{host}:sub", f"system:serviceaccount:{namespace}:{service_account}"),
                    _equals(f"{host}:aud", "sts.amazonaws.com"),
                ),
                principal=(("Federated", provider_arn),),
            ),
        )
    )
