"""What stays in the world, as people read it before they say yes."""

from meta_prefect.interfaces.engine import ResourceRecord
from meta_prefect.project.keeping import render_kept

KIND = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"


def record(type, name, id, *, kept=True):
    """Give a resource below the component that its name begins with."""
    return ResourceRecord(
        urn=f"urn:pulumi:dev::shop::{type}::{name}",
        type=type,
        id=id,
        parent=name.rpartition("/")[0],
        provider="",
        custom=True,
        inputs={},
        outputs={},
        retain_on_delete=kept,
    )


def test_a_bucket_is_one_line_with_what_deletes_it():
    """Its settings go with it, and what is not kept is not named."""
    (line,) = render_kept(
        [
            record("aws:s3/bucket:Bucket", "bucket/results/bucket", "shop-results"),
            record("aws:s3/bucketPolicy:BucketPolicy", "bucket/results/policy", "shop-results"),
            record("aws:eks/cluster:Cluster", "cluster/main/cluster", "main", kept=False),
        ]
    )

    assert line == (
        "bucket/results/bucket with its settings stays in the world, marked to be kept; "
        "to delete: aws s3 rb --force s3://shop-results"
    )


def test_things_that_are_alike_are_named_together():
    """One command deletes all of them."""
    (line,) = render_kept(
        [record(KIND, f"dask/main/crd-{name}", f"{name}.dask.org") for name in ("a", "b")]
    )

    assert line == (
        "dask/main/crd-a, dask/main/crd-b stay in the world, marked to be kept; "
        "to delete: kubectl delete crd a.dask.org b.dask.org"
    )


def test_a_thing_without_a_known_command_is_named_alone():
    """Nothing is said about how to delete it."""
    (line,) = render_kept([record("aws:rds/instance:Instance", "server/main/database", "db")])

    assert line == "server/main/database stays in the world, marked to be kept"
