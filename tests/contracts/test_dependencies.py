"""What an installation brings along."""

import tomllib
from importlib.metadata import requires, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LOCK = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))["package"]
CLOUD = ("boto", "pulumi-aws", "pulumi-kubernetes", "kubernetes", "dask", "distributed")


def requirement(name):
    """Give one of the project's own requirements."""
    found = (Requirement(line) for line in PROJECT["dependencies"])
    return next(item for item in found if item.name == name)


def locked_closure(extras=()):
    """Give the names of all packages that the lock installs for the project with some extras."""
    packages = {package["name"]: package for package in LOCK}
    waiting, seen = [("meta-prefect", tuple(extras))], set()
    while waiting:
        name, wanted = waiting.pop()
        if (name, wanted) in seen:
            continue
        seen.add((name, wanted))
        package = packages[name]
        items = list(package.get("dependencies", ()))
        for extra in wanted:
            items += package.get("optional-dependencies", {}).get(extra, ())
        waiting += [(item["name"], tuple(item.get("extra", ()))) for item in items]
    return {name for name, _ in seen}


def test_the_bare_package_brings_no_cloud():
    """Without extras neither AWS, Kubernetes nor Dask is installed."""
    assert [name for name in locked_closure() if name.startswith(CLOUD)] == []


def test_every_extra_is_locked():
    """`all` brings what the three extras bring, and the lock knows a set that fits together."""
    everything = locked_closure(["all"])

    assert {"pulumi-aws", "pulumi-kubernetes", "dask-kubernetes"} <= everything
    assert everything == locked_closure(["aws", "kubernetes", "dask"])


def test_fastapi_stays_below_the_version_that_breaks_the_server():
    """
    Prefect asks for fastapi below 1 only; from 0.151 on its server refuses its own client.

    A 422 for the nulls in a question for workers is what comes when the bound is lifted; from 0.155
    on, the server ends at its start.
    """
    bound = requirement("fastapi").specifier

    assert "0.150.0" in bound
    assert "0.151.0" not in bound
    assert Version(version("fastapi")) < Version("0.151")


def test_sqlalchemy_stays_below_the_version_that_breaks_the_scheduler():
    """
    Prefect asks for sqlalchemy below 3 only; with 2.1 its scheduler fails on each round.

    `Can't evaluate bulk DML statement` is what the server logs when the bound is lifted.
    """
    bound = requirement("sqlalchemy").specifier

    assert "2.0.58" in bound
    assert "2.1.0" not in bound
    assert Version(version("sqlalchemy")) < Version("2.1")


def test_prefect_itself_does_not_bound_them():
    """The bounds are ours to keep as long as Prefect lets the broken versions in."""
    theirs = {
        Requirement(line).name: Requirement(line).specifier for line in requires("prefect") or ()
    }

    assert "0.165.0" in theirs["fastapi"]
    assert "2.1.9" in theirs["sqlalchemy"]
