"""What a flow file with every builder costs where it is imported: in workers, for each run."""

import json
import os
import resource
import subprocess
import sys
from math import inf

import pytest

from tests.support.builder_cases import build_flow_file

PLAIN = """
from prefect import flow


@flow
def everything(x: int = 1) -> dict: ...
"""
HEAVY = (
    *("pulumi", "pulumi_aws", "pulumi_kubernetes", "grpc", "boto3", "botocore", "kubernetes"),
    *("dask", "distributed", "prefect_aws", "prefect_dask", "prefect_kubernetes", "typer", "rich"),
)
TIMES = 3
MOST_TIMES = 12
MOST = 1.1


@pytest.fixture
def python(tmp_path):
    """Run Python code with a cache of byte code, as an installed package has one."""
    environment = {
        key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"
    }
    environment |= {"PYTHONPYCACHEPREFIX": str(tmp_path / "cache"), "DO_NOT_TRACK": "1"}

    def run(*words):
        return subprocess.run(
            [sys.executable, *words], env=environment, capture_output=True, text=True, check=True
        ).stdout

    return run


@pytest.fixture
def files(tmp_path):
    """A flow file without builders and one with all of them."""
    plain, full = tmp_path / "plain.py", tmp_path / "full.py"
    plain.write_text(PLAIN)
    full.write_text(build_flow_file())
    return str(plain), str(full)


def measure(run, file):
    """Give the processor's seconds that a process takes to run a file."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run(file)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure_ratios(run, files):
    """Give the ratio of the best times, once a few are known; a busy machine needs more."""
    best = [inf, inf]
    for time in range(MOST_TIMES):
        best = [min(old, measure(run, file)) for old, file in zip(best, files, strict=True)]
        if time + 1 >= TIMES:
            yield best[1] / best[0]


def test_builders_cost_next_to_nothing_beside_prefect(python, files):
    """Importing all of them takes at most a tenth more time than Prefect alone, at its best."""
    for file in files:
        measure(python, file)

    assert any(ratio <= MOST for ratio in measure_ratios(python, files))


def test_builders_load_no_pulumi_and_no_cloud(python, files):
    """A worker has none of these, or should not wait for them."""
    code = (
        f"import json, runpy, sys; runpy.run_path({files[1]!r}); "
        f"print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))"
    )
    alone = f"import json, sys; import prefect; {code.partition('; ')[2].partition('; ')[2]}"

    assert json.loads(python("-c", code)) == json.loads(python("-c", alone))


def test_a_run_needs_prefect_and_this_package_only(python, files):
    """The flow runs where Pulumi and clouds are not installed, and importing them is an error."""
    code = (
        "import sys\n"
        f"for name in {HEAVY[:-2]!r}: sys.modules[name] = None\n"
        "import runpy\n"
        f"flow = runpy.run_path({files[1]!r})['everything']\n"
        "print(flow.fn(1)['retries'])"
    )

    assert python("-c", code).strip() == "0"
