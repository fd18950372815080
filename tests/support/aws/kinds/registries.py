"""ECR repositories and their lifecycle policies."""

from __future__ import annotations

from botocore.exceptions import ClientError

from tests.support.aws.kind import Kind
from tests.support.aws.shapes import ask, from_pairs, spell, to_pairs

_GONE = frozenset({"RepositoryNotFoundException", "LifecyclePolicyNotFoundException"})


def _ignore_gone(function, **parameters):
    try:
        return function(**parameters)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _GONE:
            raise
        return None


def create_repository(call):
    encryption = call.inputs.get("encryptionConfigurations")
    ask(
        call,
        "ecr",
        "create_repository",
        repositoryName=call.inputs["name"],
        encryptionConfiguration=encryption[0] if encryption else None,
        tags=to_pairs(call.tags),
    )
    call.id = call.inputs["name"]


def read_repository(call):
    client = call.client("ecr")
    answer = _ignore_gone(client.describe_repositories, repositoryNames=[call.id])
    if answer is None:
        return None
    found = answer["repositories"][0]
    tags = client.list_tags_for_resource(resourceArn=found["repositoryArn"])["tags"]
    return spell(
        call,
        found,
        name=found["repositoryName"],
        arn=found["repositoryArn"],
        repositoryUrl=found["repositoryUri"],
        tags=from_pairs(tags),
    )


def update_repository(call):
    client = call.client("ecr")
    if call.changed("imageTagMutability"):
        client.put_image_tag_mutability(
            repositoryName=call.id,
            imageTagMutability=call.inputs.get("imageTagMutability", "MUTABLE"),
        )
    if call.changed("imageScanningConfiguration"):
        ask(call, "ecr", "put_image_scanning_configuration", repositoryName=call.id)
    arn = call.outputs["arn"]
    present = client.list_tags_for_resource(resourceArn=arn)["tags"]
    gone = sorted({tag["Key"] for tag in present} - call.tags.keys())
    if gone:
        client.untag_resource(resourceArn=arn, tagKeys=gone)
    client.tag_resource(resourceArn=arn, tags=to_pairs(call.tags))


def put_policy(call):
    call.id = call.inputs["repository"]
    ask(
        call,
        "ecr",
        "put_lifecycle_policy",
        repositoryName=call.id,
        lifecyclePolicyText=call.inputs["policy"],
    )


def read_policy(call):
    answer = _ignore_gone(call.client("ecr").get_lifecycle_policy, repositoryName=call.id)
    if answer is None:
        return None
    return {
        "repository": answer["repositoryName"],
        "registryId": answer["registryId"],
        "policy": answer["lifecyclePolicyText"],
    }


KINDS = {
    "aws:ecr/repository:Repository": Kind(
        create_repository,
        read_repository,
        lambda call: _ignore_gone(
            call.client("ecr").delete_repository,
            repositoryName=call.id,
            force=bool(call.inputs.get("forceDelete")),
        ),
        update_repository,
        frozenset({"encryptionConfigurations"}),
        name="name",
    ),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": Kind(
        put_policy,
        read_policy,
        lambda call: _ignore_gone(
            call.client("ecr").delete_lifecycle_policy, repositoryName=call.id
        ),
        put_policy,
        frozenset({"repository"}),
    ),
}
