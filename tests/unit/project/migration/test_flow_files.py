"""Builders above flows, and where entrypoints lead."""

import ast
import textwrap

import pytest

from meta_prefect.project.migration.expressions import Call, Code
from meta_prefect.project.migration.flow_files import find_place, has_builders, write_builders
from meta_prefect.project.migration.records import FlowPlace

METADATA = "meta_prefect.implementations.metadata"
TAGS = Call("tags", METADATA, ("a",))
FILE = '''
"""Flows."""

from __future__ import annotations
import os

from prefect import flow

# what it does
@flow(
    name="ETL",
)
def etl(): ...


class Jobs:
    @staticmethod
    @flow
    def job(): ...


other = flow(name="other")(
    print
)
# the end'''


def write(text, **builders):
    named = {
        FlowPlace("flows.py", name.replace("__", ".")): calls for name, calls in builders.items()
    }
    written = write_builders(textwrap.dedent(text).lstrip("\n"), named)
    ast.parse(written)
    return written


def test_builders_stand_above_a_function():
    """They come before the other decorators, imports after the imports, all else is untouched."""
    written = write(FILE, etl=[Call("deployment", "m", ("nightly", TAGS)), TAGS])

    assert (
        "from prefect import flow\n"
        "from m import deployment\n"
        "from meta_prefect.implementations.metadata import tags\n"
        "\n"
        "# what it does\n"
        '@deployment("nightly", tags("a"))\n'
        '@tags("a")\n'
        "@flow(\n"
    ) in written
    assert written.endswith("# the end\n")


def test_a_flow_with_a_second_name_is_left_as_it_is():
    """A copy of it under that name gets the builders, after the statement that it stands in."""
    places = {
        FlowPlace("a.py", name, f"{name}_2".replace(".", "_")) for name in ("etl", "Jobs.job")
    }

    written = write_builders(FILE, {place: [TAGS] for place in places})

    assert '\ndef etl(): ...\n\n\netl_2 = compose(tags("a"))(etl.with_options())\n' in written
    assert '\nJobs_job_2 = compose(tags("a"))(Jobs.job.with_options())\n' in written
    assert '@tags("a")' not in written
    assert has_builders(written, "etl")
    assert has_builders(written, "Jobs.job")
    assert not has_builders(written, "other")


def test_methods_and_assigned_flows():
    """A method's builders are indented with it; an assigned flow is assigned once more."""
    written = write(FILE, Jobs__job=[TAGS], other=[TAGS, Call("paused", "m")])

    assert '    @staticmethod\n    @tags("a")\n    @flow\n    def job' in written
    assert '    print\n)\nother = compose(paused(), tags("a"))(other)\n' in written
    assert "from meta_prefect.implementations.deployments import compose\n" in written


def test_names_that_the_file_uses_itself():
    """A builder whose name is taken is called something else; an import that is there stays one."""
    taken = "from meta_prefect.implementations.metadata import labels\ntags = 1\n"
    text = f"import os\n{taken}\ndef f(): ...\n"
    code = Code('os.environ.get("A", "")', "os")

    written = write(text, f=[Call("tags", METADATA, (code,)), Call("labels", METADATA)])

    assert "import tags as tags_builder\n" in written
    assert '@tags_builder(os.environ.get("A", ""))\n@labels()\ndef f' in written
    assert (written.count("import os"), written.count("import labels")) == (1, 1)


def test_long_calls_are_broken():
    """A line that would be too long has an argument a line; long texts are joined ones."""
    steps = {"a.long.name.of.a.step.in.some.package": {"with": "a value that has some length"}}
    inner = (Call("describer", "m", ("word " * 40,)), TAGS, Call("pull_steps", "m", (steps,)))
    call = Call("deployment", "m", ("n", *inner))

    written = write("def f(): ...\n", f=[call])
    pieces = [line.strip() for line in written.splitlines() if line.strip().startswith('"word')]

    assert max(map(len, written.splitlines())) <= 88
    assert "".join(map(ast.literal_eval, pieces)) == "word " * 40
    assert '    tags("a"),\n' in written


def test_an_unknown_flow_is_an_error():
    """A file is not changed for a flow that it does not have."""
    with pytest.raises(KeyError):
        write(FILE, gone=[TAGS])


def test_a_flow_with_builders_is_known():
    """Ours are told from other decorators."""
    text = "from meta_prefect.implementations.metadata import tags\n@tags('a')\ndef f(): ...\n"

    assert has_builders(text, "f")
    assert not has_builders(FILE, "etl")


@pytest.mark.parametrize(
    ("entrypoint", "place"),
    [
        ("flows/etl.py:load", FlowPlace("flows/etl.py", "load")),
        ("./flows/etl.py:Jobs.run", FlowPlace("flows/etl.py", "Jobs.run")),
        ("flows.etl.load", FlowPlace("flows/etl.py", "load")),
        ("flows.etl:load", FlowPlace("flows/etl.py", "load")),
        ("team.load", FlowPlace("src/team/__init__.py", "load")),
        ("flows/gone.py:load", None),
        ("../outside.py:load", None),
    ],
)
def test_where_entrypoints_lead(tmp_path, entrypoint, place):
    """Files, modules and packages below the root, in `src` too."""
    (tmp_path / "outside.py").touch()
    root = tmp_path / "root"
    for file in ("flows/etl.py", "src/team/__init__.py"):
        (root / file).parent.mkdir(parents=True)
        (root / file).touch()

    assert find_place(entrypoint, root, root) == place
