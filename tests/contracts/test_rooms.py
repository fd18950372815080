"""The rooms: who may import whom, and what must stay light."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CATALOGUE = ", ".join(
    f"meta_prefect.implementations.{path.stem}"
    for path in sorted((ROOT / "meta_prefect/implementations").glob("[a-z]*.py"))
)
HEAVY = ("prefect", "pulumi", "grpc", "boto3", "rich")


def loaded_after(statement, watched):
    """Run a statement in a fresh interpreter and give those of `watched` that it loads."""
    code = f"{statement}\nimport sys\nprint([name for name in {watched!r} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.strip().splitlines()[-1]


def test_imports_point_downwards():
    """The contracts of import-linter hold."""
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "statement",
    [
        f"import {CATALOGUE}",
        "import runpy; runpy.run_path('examples/local/my_local_flow.py')",
        "import meta_prefect.interfaces.flow_builder_interface",
    ],
)
def test_flow_files_load_no_pulumi(statement):
    """What a worker imports with a flow brings neither Pulumi nor a cloud library."""
    watched = ("pulumi", "grpc", "boto3", "botocore", "kubernetes", "dask", "distributed")
    assert loaded_after(statement, watched) == "[]"


def test_the_test_kit_needs_no_pulumi():
    """A test of a builder looks at requirements and deployment without Pulumi."""
    statement = (
        "import runpy\n"
        "from meta_prefect.testing import deployment_of, requirements_of\n"
        "flow = runpy.run_path('examples/local/my_local_flow.py')['my_flow']\n"
        "requirements_of(flow), deployment_of(flow)"
    )

    assert loaded_after(statement, ("pulumi", "grpc")) == "[]"


def test_the_package_itself_is_light():
    """A worker imports the package with every flow; `deploy` is loaded when it is used."""
    assert loaded_after("import meta_prefect", HEAVY) == "[]"


@pytest.mark.parametrize(
    "statement",
    [
        "import meta_prefect.cli.main",
        "import meta_prefect.project.settings, meta_prefect.project.operations",
        "import meta_prefect.project.discovery",
    ],
)
def test_the_command_line_starts_light(statement):
    """Help, version and discovery load no heavy library."""
    assert loaded_after(statement, HEAVY) == "[]"


def test_the_provider_needs_no_prefect():
    """The provider speaks to Prefect's API without importing Prefect."""
    assert loaded_after("import meta_prefect.provider.provider", ("prefect", "pulumi")) == "[]"


def test_without_pulumi_nothing_of_its_engine_is_loaded():
    """A machine with no executable on PATH never pays for the code that drives one."""
    statement = (
        "import tempfile, pathlib; from meta_prefect.project import settings, wiring; "
        "folder = pathlib.Path(tempfile.mkdtemp()); "
        "found = settings.read_settings(folder, {}, {'PATH': ''}); "
        "stacks = wiring.Stacks(found, {'PATH': ''}, wiring.PassphraseFile(folder, {})); "
        "stacks.build_engine()"
    )

    assert loaded_after(statement, ("meta_prefect.engine.automation",)) == "[]"
