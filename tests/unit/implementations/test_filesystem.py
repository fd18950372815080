"""Storage of results: a builder that is also what Prefect takes as `result_storage`."""

import pickle

import pytest
from prefect import flow

from meta_prefect.implementations.filesystem import LocalFilesystem, S3Filesystem
from meta_prefect.implementations.metadata import tags
from meta_prefect.interfaces.blueprint import find_blueprint
from meta_prefect.interfaces.components import Bucket, ResultStorage, existing
from tests.unit.implementations.specs import BASE

STORAGE = S3Filesystem(type="s3", bucket="My_Bucket", path="a/b")


def test_it_is_the_name_of_a_block():
    """The name is made of bucket and path, in the letters that Prefect allows."""
    assert STORAGE == "s3-bucket/my-bucket-a-b"
    assert (STORAGE.bucket, STORAGE.path) == ("My_Bucket", "a/b")
    assert S3Filesystem(bucket="b", block="results") == "s3-bucket/results"


def test_it_travels_as_the_name_of_the_block():
    """Prefect sends a flow along with its tasks, to Dask's workers for example."""
    sent = pickle.loads(pickle.dumps(STORAGE))

    assert (type(sent), sent) == (str, "s3-bucket/my-bucket-a-b")


@pytest.mark.parametrize("as_builder", [True, False])
def test_runs_of_a_worker_use_the_bucket_and_others_do_not(monkeypatch, as_builder):
    """Here results stay on the machine, so that calling the flow needs no block."""

    def make():
        if as_builder:
            return STORAGE(flow)(lambda: 1)
        return tags("a")(flow(result_storage=STORAGE)(lambda: 1))

    monkeypatch.delenv("PREFECT__FLOW_RUN_ID", raising=False)
    here = make()
    monkeypatch.setenv("PREFECT__FLOW_RUN_ID", "1")
    there = make()

    assert (here.result_storage, there.result_storage) == (None, STORAGE)
    assert there.persist_result is True
    assert "S3Filesystem" in [item.name for item in find_blueprint(here).builders]


def test_the_stack_makes_bucket_and_block(monkeypatch):
    """The block's name carries the stack, and a run of a worker learns it."""
    storage = S3Filesystem(bucket="results", path="a")

    assert storage.requires == {
        Bucket("results"),
        ResultStorage("results-a", Bucket("results"), "a"),
    }
    env = storage.update_deployment(BASE).job_variables["env"]
    assert env == {"META_PREFECT_RESULT_BLOCK": "s3-bucket/results-a-dev"}
    monkeypatch.setenv("PREFECT__FLOW_RUN_ID", "1")
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert flow(result_storage=storage)(lambda: 1).result_storage == storage
    assert storage(flow)(lambda: 1).result_storage == "s3-bucket/results-a-dev"


def test_what_is_there_is_used_and_not_made():
    """A bucket of somebody else gets a block of ours; with a block of somebody else all is done."""
    ours = S3Filesystem(bucket=existing("theirs"))
    theirs = S3Filesystem(bucket="b", block=existing("their-block"))

    assert Bucket(existing("theirs")) in ours.requires
    assert (theirs.requires, theirs) == (set(), "s3-bucket/their-block")
    assert theirs.update_deployment(BASE) == BASE


def test_a_place_that_is_none_is_refused():
    """The message names the value."""
    with pytest.raises(ValueError, match=r'S3Filesystem\(type="gcs"\)'):
        S3Filesystem(type="gcs", bucket="b")
    with pytest.raises(ValueError, match="bucket"):
        S3Filesystem(bucket="")


def test_results_in_a_folder(tmp_path):
    """A folder needs no block, and has to be absolute."""
    folder = tmp_path / "results"
    made = LocalFilesystem(str(folder))(flow(lambda: 1))

    assert (made.result_storage, made.persist_result) == (folder, True)
    with pytest.raises(ValueError, match=r'LocalFilesystem\("results"\)'):
        LocalFilesystem("results")
