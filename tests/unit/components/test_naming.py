"""Names of things in the world and in the stack."""

from hypothesis import given
from hypothesis import strategies as st

from meta_prefect.components.naming import (
    build_deployment_logical_name,
    build_deployment_name,
    build_logical_name,
    build_physical_name,
)

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
