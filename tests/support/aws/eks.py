"""What resource types of EKS share: clusters and node groups that moto knows, tags, ARNs."""

from __future__ import annotations

from botocore.exceptions import ClientError

_GONE = "ResourceNotFoundException"


def ignore_gone(function, **parameters):
    """Call a function; gives None when what it is about does not exist."""
    try:
        return function(**parameters)
    except ClientError as error:
        if error.response["Error"]["Code"] != _GONE:
            raise
        return None


def find_cluster(call, name):
    """Give a cluster as AWS describes it; None when there is none."""
    answer = ignore_gone(call.client("eks").describe_cluster, name=name)
    return answer["cluster"] if answer else None


def demand_cluster(call):
    """
    Make AWS say that the cluster of an input is not there.

    Raises:
        ClientError: it is not.
    """
    call.client("eks").describe_cluster(name=call.inputs["clusterName"])


def update_tags(call, arn):
    """Make an object's tags those of the call."""
    client = call.client("eks")
    present = client.list_tags_for_resource(resourceArn=arn)["tags"]
    gone = sorted(present.keys() - call.tags.keys())
    if gone:
        client.untag_resource(resourceArn=arn, tagKeys=gone)
    if call.tags:
        client.tag_resource(resourceArn=arn, tags=call.tags)


def build_arn(call, kind, id):
    """Give the ARN of an EKS object."""
    return f"arn:aws:eks:{call.region}:{call.account}:{kind}/{id}"
