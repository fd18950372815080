import io
import json

import pytest

from meta_prefect.cli.early import answer_early, write_versions
from meta_prefect.cli.table import SHELLS


@pytest.mark.parametrize("words", [["version"], ["--version"], ["-V"]])
def test_versions(words):
    """Whoever asks for the version gets those of all that takes part."""
    stream = io.StringIO()

    assert answer_early(words, stream)

    names = [row.split("  ")[0].strip() for row in stream.getvalue().splitlines()]
    assert names[:3] == ["meta-prefect", "prefect", "pulumi"]


def test_versions_as_json():
    """The same versions are a document."""
    stream = io.StringIO()

    write_versions(stream, as_json=True)

    document = json.loads(stream.getvalue())
    assert document["schema"] == "meta-prefect.versions.v1"
    assert document["versions"]["prefect"][0].isdigit()


@pytest.mark.parametrize("shell", SHELLS)
def test_completion_scripts_call_us(shell):
    """Every shell's script asks the program itself for candidates."""
    stream = io.StringIO()

    assert answer_early(["completion", shell], stream)

    assert "meta-prefect __complete" in stream.getvalue()


@pytest.mark.parametrize("words", [[], ["up"], ["completion", "tcsh"], ["version", "--json"]])
def test_the_rest_needs_the_parser(words):
    """Anything else is left to the parser, and nothing is written."""
    stream = io.StringIO()

    assert not answer_early(words, stream)

    assert stream.getvalue() == ""
