"""What `doctor` says of a stack's providers."""

from types import SimpleNamespace

import pytest

from meta_prefect.interfaces.engine import ResourceRecord, StackRecord
from meta_prefect.project.checks import check_bridged

SETTINGS = SimpleNamespace(stack="dev")
THEIRS = "prefect:index/workPool:WorkPool"
OURS = "prefect:index:WorkPool"


def record(type, name, provider="default_2_94_2"):
    """Give a resource of a provider of some name."""
    return ResourceRecord(
        urn=f"urn:pulumi:dev::shop::{type}::{name}",
        type=type,
        id=name,
        parent="",
        provider=f"urn:pulumi:dev::shop::pulumi:providers:prefect::{provider}::1",
        custom=True,
        inputs={},
        outputs={},
    )


def check(*records):
    """Check a stack that has these resources."""
    stack = StackRecord("dev", records)
    return check_bridged(SETTINGS, SimpleNamespace(read_stack={"dev": stack}.get))


@pytest.mark.parametrize("type", [OURS, "prefect:local:Server", "aws:s3/bucket:Bucket"])
def test_stack_without_the_bridged_provider_is_well(type):
    """Our own resources and those of other packages are none of its."""
    assert check(record(type, "a")).status == "ok"


def test_stack_that_is_not_there_is_well():
    """Where nothing is stored yet nothing is of it."""
    reader = SimpleNamespace(read_stack={}.get)

    assert check_bridged(SETTINGS, reader).status == "ok"


def test_resources_of_the_bridged_provider_are_told_with_the_way_over():
    """A stack of theirs alone is a warning that says how to take the resources over."""
    result = check(record(THEIRS, "a"), record(THEIRS, "b"))

    assert result.status == "warning"
    assert result.found.startswith("2 of its resources in stack dev")
    assert record(THEIRS, "a").urn in result.found
    assert "meta-prefect state forget" in result.fix


def test_both_without_providers_by_name_are_told_to_name_them():
    """Both packages are called alike: each resource has to say which provider it means."""
    result = check(record(THEIRS, "a", "theirs"), record(OURS, "b"))

    assert result.status == "warning"
    assert "1 of ours beside them, 1 of all these name no provider" in result.found
    assert "ResourceOptions(provider=...)" in result.fix


def test_both_with_providers_by_name_are_told_the_way_over():
    """With named providers the two stand side by side, and the way over is what is left."""
    result = check(record(THEIRS, "a", "theirs"), record(OURS, "b", "ours"))

    assert "0 of all these name no provider" in result.found
    assert "meta-prefect import" in result.fix
