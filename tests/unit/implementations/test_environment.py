"""Variables and packages of a run."""

import pytest

from meta_prefect.implementations.environment import env, packages
from tests.unit.implementations.specs import BASE


def test_variables_are_given_or_read_at_up(monkeypatch):
    """They are job variables; outer ones win and inner ones stay."""
    monkeypatch.setenv("REGION", "eu")
    inner = env(A="1", B="1").update_deployment(BASE)

    spec = env("REGION", A="2").update_deployment(inner)

    assert spec.job_variables == {"env": {"A": "2", "B": "1", "REGION": "eu"}}


def test_a_variable_that_is_not_set_is_said(monkeypatch):
    """Nothing is deployed with a hole in it."""
    monkeypatch.delenv("NOT_SET", raising=False)

    with pytest.raises(ValueError, match=r'env\("NOT_SET"\)'):
        env("NOT_SET").update_deployment(BASE)


def test_packages_add_up():
    """Each once, spaces do not matter."""
    spec = packages("b", "a[x]>=1, <2").update_deployment(packages("b").update_deployment(BASE))

    assert spec.packages == ("b", "a[x]>=1,<2")


@pytest.mark.parametrize("item", ["", "-r requirements.txt", "a; python_version<'3'"])
def test_a_line_that_is_no_package_is_refused(item):
    """Options and markers of pip do not belong here."""
    with pytest.raises(ValueError, match="packages"):
        packages(item)


def test_a_variable_that_cannot_be_one_is_refused():
    """Names and values are those of an environment."""
    with pytest.raises(ValueError, match="no name for an environment variable"):
        env("a b")
    with pytest.raises(TypeError, match=r"env\(A=1\): must be a text"):
        env(A=1)
