"""Importing the one file of a flow, and what is said when that fails."""

import textwrap

import pytest

from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError
from meta_prefect.project.discovery import FlowSite
from meta_prefect.project.loading import FlowLoader, refuse_twins


@pytest.fixture
def load(tmp_path, request):
    """Give a function that writes a flow file of the test's own name and loads a flow from it."""
    file = f"flows_of_{request.node.originalname}_{abs(hash(request.node.name))}.py"

    def do(text, name="f"):
        (tmp_path / file).write_text(textwrap.dedent(text), "utf-8")
        return FlowLoader(tmp_path).load(FlowSite(name, name, file, 3))

    return do


HEAD = """
from prefect import flow
from meta_prefect.implementations.deployer import local_deployer
"""


def test_a_flow_is_read_as_prefect_deploy_reads_it(load):
    """Name, entrypoint, description and parameter schema come from signature and docstring."""
    loaded = load(
        HEAD
        + '''
@local_deployer()
@flow
def my_flow(x: int, y: int = 2) -> int:
    """Add two numbers.

    Args:
        x: the first
    """
''',
        "my_flow",
    )

    base = loaded.base
    assert (base.flow_name, base.source.attribute) == ("my-flow", "my_flow")
    assert base.source.entrypoint.endswith(".py:my_flow")
    assert base.description.startswith("Add two numbers.")
    assert base.parameter_schema["required"] == ["x"]
    assert base.parameter_schema["properties"]["x"]["description"] == "the first"
    assert base.parameter_schema["properties"]["y"]["default"] == 2


def test_the_version_is_the_content_unless_the_author_wrote_one(load):
    """Prefect's own hash of the file does not count as a version."""
    own = load(HEAD + "@local_deployer()\n@flow(version='7')\ndef f(): ...")
    hashed = load(HEAD + "@local_deployer()\n@flow\ndef f(): ...")

    assert own.base.version == "7"
    assert hashed.base.version == hashed.base.source.content_hash


def test_a_method_is_loaded_by_its_path(load):
    """`Class.method` is found where Prefect allows flows as methods."""
    text = "class Jobs:\n    @local_deployer()\n    @flow\n    def nightly(self): ..."

    assert load(HEAD + text, "Jobs.nightly").base.flow_name == "nightly"


def test_a_failing_import_shows_the_users_frames_only(load):
    """The diagnostic names the user's file and line, and no frame of any library."""
    with pytest.raises(MetaPrefectError) as caught:
        load("import json\n\ndef helper():\n    json.loads('{')\n\nhelper()\n")

    diagnostic = caught.value.diagnostic
    assert diagnostic.code == "MP1104"
    assert caught.value.exit_code is ExitCode.USAGE
    assert "line 4 in helper" in diagnostic.why
    assert "json/" not in diagnostic.why
    assert "importlib" not in diagnostic.why


def test_an_exit_in_a_flow_file_does_not_end_the_command(load):
    """`sys.exit` at import is an error like any other."""
    with pytest.raises(MetaPrefectError, match="MP1104"):
        load("import sys\nsys.exit(0)")


def test_a_flow_without_builders_is_offered_the_local_deployer(load):
    """A plain flow gets the line to add."""
    with pytest.raises(MetaPrefectError) as caught:
        load(HEAD + "@flow\ndef f(): ...")

    assert caught.value.diagnostic.code == "MP1103"
    assert "local_deployer" in caught.value.diagnostic.fixes[0]


def test_a_name_that_is_no_flow_after_all_is_said(load):
    """What looked like a flow may be something else once the file has run."""
    with pytest.raises(MetaPrefectError, match="MP1106"):
        load("f = 3")


def test_a_default_without_a_json_form_stays_the_functions_own(load):
    """Such a parameter is optional and has no default in the schema, as with `prefect deploy`."""
    loaded = load(HEAD + "@local_deployer()\n@flow\ndef f(when=object()): ...")

    schema = loaded.base.parameter_schema
    assert "default" not in schema["properties"]["when"]
    assert schema.get("required", []) == []


def test_a_module_of_the_project_is_found_and_shadows_nobody(tmp_path):
    """Modules beside the flow are importable while it loads; later the standard library wins."""
    (tmp_path / "beside_the_flow.py").write_text("NAME = 'beside'")
    (tmp_path / "colorsys.py").write_text("raise AssertionError('shadowed')")
    (tmp_path / "path_flows.py").write_text(
        HEAD + "import beside_the_flow\n@local_deployer()\n@flow(name=beside_the_flow.NAME)\n"
        "def f(): ..."
    )

    loaded = FlowLoader(tmp_path).load(FlowSite("f", "f", "path_flows.py", 1))
    import colorsys

    assert loaded.base.flow_name == "beside"
    assert str(tmp_path) not in colorsys.__file__


def test_of_many_flows_only_those_with_builders_are_deployed(tmp_path):
    """Plain flows, such as subflows, are passed over; two that are deployed cannot share a name."""
    text = HEAD + "@flow\ndef sub(): ...\n@local_deployer()\n@flow\ndef top(): ...\n"
    for name in ("many_one", "many_two"):
        (tmp_path / f"{name}.py").write_text(text)
    sites = [
        FlowSite(name, name, f"{file}.py", 1)
        for file in ("many_one", "many_two")
        for name in ("sub", "top")
    ]

    loaded = FlowLoader(tmp_path).load_deployable(sites[:2])

    assert [flow.name for flow in loaded] == ["top"]
    with pytest.raises(MetaPrefectError, match="MP1109"):
        FlowLoader(tmp_path).load_deployable(sites)


def test_twins_are_refused_by_their_places(tmp_path):
    """Two flows of one name in two files cannot be in one stack; the message names both."""
    sites = [FlowSite("twin", "twin", file, 3) for file in ("a.py", "b.py")]

    refuse_twins(sites[:1])
    with pytest.raises(MetaPrefectError, match="MP1109") as caught:
        refuse_twins(sites)

    assert caught.value.diagnostic.where == "a.py line 3, b.py line 3"


def test_a_failing_builder_is_the_users_error(load):
    """A builder that raises gives a diagnostic, not a traceback."""
    loaded = load(
        HEAD
        + """
from meta_prefect.interfaces.flow_builder_interface import FlowBuilderInterface

class broken(FlowBuilderInterface):
    def update_deployment(self, deployment):
        return deployment.nothing

@broken()
@flow
def f(): ...
"""
    )

    with pytest.raises(MetaPrefectError, match="MP2101"):
        loaded.plan("dev")


def test_the_content_hash_follows_the_projects_imports(tmp_path):
    """A change in a module that the flow imports changes the version; one elsewhere does not."""
    from meta_prefect.project.sources import hash_content

    (tmp_path / "lib").mkdir()
    flow_file = tmp_path / "flows.py"
    flow_file.write_text("from lib import tools\n")
    (tmp_path / "lib" / "__init__.py").touch()
    (tmp_path / "lib" / "tools.py").write_text("A = 1\n")
    before = hash_content(flow_file, tmp_path)
    (tmp_path / "other.py").write_text("B = 1\n")
    unrelated = hash_content(flow_file, tmp_path)
    (tmp_path / "lib" / "tools.py").write_text("A = 2\n")

    assert unrelated == before
    assert hash_content(flow_file, tmp_path) != before
