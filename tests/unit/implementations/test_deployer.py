"""What deployers require, and the deployments that they make."""

import pytest

from meta_prefect.implementations.deployer import eks_deployer, local_deployer
from meta_prefect.implementations.infra import eks
from meta_prefect.interfaces.components import Worker, WorkerPool, existing
from meta_prefect.interfaces.deployment import DeploymentSpec, FlowSource, LocalCode

BASE = DeploymentSpec("f", "dev", FlowSource("/project", "f.py", "f", content_hash="c0ffee"))


def test_it_needs_a_pool_and_a_worker():
    """The deployer requires the records that the first README names, with their defaults."""
    assert local_deployer().requires == {WorkerPool(), Worker()}


def test_two_of_them_need_the_same_things():
    """Equal deployers share everything; one with a pool of its own shares nothing."""
    assert local_deployer().requires == local_deployer().requires
    assert not local_deployer().requires & local_deployer(pool="heavy").requires


def test_it_starts_no_worker_for_a_pool_of_somebody_else():
    """An existing pool comes with workers of its own."""
    assert local_deployer(pool=existing("theirs")).requires == {WorkerPool(existing("theirs"))}


def test_it_fills_in_pool_code_tags_and_version(monkeypatch):
    """The deployment is complete after this one builder."""
    monkeypatch.setenv("META_PREFECT__TAGS", "a")
    monkeypatch.delenv("META_PREFECT__VERSION", raising=False)

    built = local_deployer().update_deployment(BASE)

    assert (built.work_pool, built.code) == (WorkerPool(), LocalCode())
    assert (built.tags, built.version) == (("a",), "c0ffee")


def test_a_limit_below_one_is_refused():
    """A bad limit fails where the deployer is written."""
    with pytest.raises(ValueError, match=r"local_deployer\(limit=0\)"):
        local_deployer(limit=0)


def test_one_for_clusters_is_eks_with_tags_and_a_version(monkeypatch):
    """It shares everything with flows that use `eks`, and says its own name when it refuses."""
    monkeypatch.setenv("META_PREFECT__TAGS", "a")
    monkeypatch.setenv("META_PREFECT__VERSION", "2")
    builder = eks_deployer(cpu=1, cluster=existing("prod"))

    built = builder.update_deployment(BASE)

    assert builder.requires == eks(cluster=existing("prod")).requires
    assert (built.tags, built.version) == (("a",), "2")
    assert built.job_variables == {"cpu_request": "1000m"}
    with pytest.raises(ValueError, match=r"eks_deployer\(cpu=0\)"):
        eks_deployer(cpu=0)
