"""Where the code is: each builder's record, and what is refused."""

import pytest

from meta_prefect.implementations.code import (
    code_git,
    code_image,
    code_installed,
    code_local,
    code_s3,
    entrypoint,
    pull_steps,
)
from meta_prefect.interfaces.deployment import (
    BucketCode,
    GitCode,
    ImageCode,
    InstalledCode,
    LocalCode,
)
from tests.unit.implementations.specs import BASE


@pytest.mark.parametrize(
    ("builder", "code"),
    [
        (code_local(), LocalCode()),
        (code_local("/srv"), LocalCode("/srv")),
        (code_image(), ImageCode("/opt/prefect")),
        (code_installed(), InstalledCode()),
        (code_git("https://git/r", branch="main"), GitCode("https://git/r", "main")),
        (
            code_git("r", commit="c0ffee1", credentials="github-credentials/bot", submodules=True),
            GitCode("r", "", "c0ffee1", "github-credentials/bot", submodules=True),
        ),
        (code_s3("b", "f", credentials="me"), BucketCode("b", "f", "me")),
    ],
)
def test_a_place_reaches_the_deployment(builder, code):
    """The outermost one wins."""
    assert builder.update_deployment(code_local("/x").update_deployment(BASE)).code == code


def test_an_entrypoint_of_ones_own():
    """Workers get the text as it is written."""
    for text in ("a/b.py:report", "./a.py:Jobs.report", "team.flows.report", "team.flows:report"):
        assert entrypoint(text).update_deployment(BASE).entrypoint == text


def test_steps_add_up():
    """Inner ones come first."""
    first, second = {"a.b": {}}, {"c.d": {"x": 1}}

    spec = pull_steps(second).update_deployment(pull_steps(first).update_deployment(BASE))

    assert spec.pull_steps == (first, second)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: code_local("here"), r'code_local\("here"\)'),
        (lambda: code_image("opt"), r'code_image\("opt"\)'),
        (lambda: code_git(""), "code_git"),
        (lambda: code_git("r", branch="b", commit="c0ffee1"), "choose one"),
        (lambda: code_git("r", commit="main"), r'code_git\(commit="main"\)'),
        (lambda: code_git("r", credentials="bot"), r'code_git\(credentials="bot"\)'),
        (lambda: code_s3("b", ""), "code_s3"),
        (lambda: pull_steps({"a.b": {}, "c.d": {}}), "one key"),
        (lambda: pull_steps({"nothing": {}}), "pull_steps"),
        (lambda: entrypoint("report"), r'entrypoint\("report"\)'),
    ],
)
def test_a_value_that_will_not_do_is_refused(make, message):
    """The message names the builder and the value."""
    with pytest.raises(ValueError, match=message):
        make()
