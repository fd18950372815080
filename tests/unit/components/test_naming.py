"""Names of things in the world and in the stack."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meta_prefect.components import naming
from meta_prefect.components.naming import (
    build_deployment_logical_name,
    build_deployment_name,
    build_logical_name,
    build_name,
    build_physical_name,
)

LAWS = {name: law for name, law in vars(naming).items() if isinstance(law, naming.NameLaw)}
texts = st.text(min_size=1, max_size=200)


def test_a_name_carries_project_stack_and_name():
    """An ordinary name reads as its parts."""
    assert build_physical_name("etl", "dev", "process") == "etl-dev-process"
    assert build_deployment_name("dev") == "dev"
    assert build_deployment_name("dev", "nightly") == "nightly-dev"
    assert build_logical_name("my_flow", "flow") == "my_flow/flow"
    assert build_deployment_logical_name("my_flow") == "my_flow/deployment"
    assert build_deployment_logical_name("my_flow", "nightly") == "my_flow/nightly"


def test_prefects_own_prefix_is_avoided():
    """Prefect refuses pools whose names start with its own."""
    assert build_physical_name("Prefect-flows", "dev", "p") == "mp-Prefect-flows-dev-p"


@given(texts, texts, texts)
def test_any_text_gives_a_name_that_prefect_takes(project, stack, name):
    """Names are total: short enough, of allowed characters, never reserved."""
    made = build_physical_name(project, stack, name)

    assert 0 < len(made) <= 100
    assert not set(made) & set("/%&<> ")
    assert not made.lower().startswith("prefect")


@given(st.sets(texts, min_size=2, max_size=2))
def test_different_things_have_different_names(names):
    """A cut or cleaned name keeps a hash of the whole."""
    first, second = (build_physical_name("etl", "dev", name) for name in names)

    assert first != second


@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
@given(names=st.sets(texts, min_size=2, max_size=2))
def test_every_kind_of_thing_gets_names_that_it_may_have(law, names):
    """Names are total: short enough, of the kind's characters, different for different things."""
    first, second = (build_name(law, "etl", "dev", name) for name in names)

    assert first != second
    for made in (first, second):
        assert 0 < len(made) <= law.longest
        assert not re.search(law.forbidden, made)
        assert made[0].isalnum()
        assert made[-1].isalnum()


def test_names_read_as_their_parts():
    """A good name is not touched; a bucket's and a secret's always end in a hash."""
    assert build_name(naming.CLUSTER, "etl", "dev", "main") == "etl-dev-main"
    assert build_name(naming.REPOSITORY, "etl", "dev", "main") == "etl/dev/main"
    assert re.fullmatch(
        r"etl-dev-results-123456789012-[0-9a-f]{8}",
        build_name(naming.BUCKET, "etl", "dev", "results", "123456789012"),
    )
    assert re.fullmatch(r"etl/dev/key-[0-9a-f]{8}", build_name(naming.SECRET, "etl", "dev", "key"))
