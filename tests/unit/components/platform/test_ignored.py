"""What stays out of an image; the cases of Docker's own are as its documentation tells them."""

import pytest

from meta_prefect.components.platform.ignored import Ignored


@pytest.mark.parametrize(
    ("text", "path", "left_out"),
    [
        ("data", "data/big.csv", True),
        ("/data/", "data/big.csv", True),
        ("data", "other/data", False),
        ("**/data", "other/data/big.csv", True),
        ("*/temp*", "docs/temporary.txt", True),
        ("*/temp*", "docs/deep/temporary.txt", False),
        ("*.md", "README.md", True),
        ("*.md", "docs/README.md", False),
        ("**/*.md", "README.md", True),
        ("temp?", "tempa", True),
        ("temp?", "temp", False),
        ("file[12]", "file2", True),
        ("docs/**", "docs/a/b", True),
        ("*.md\n!README.md", "README.md", False),
        ("!README.md\n*.md", "README.md", True),
        ("# data", "data", False),
        ("*\n!flows", "flows/a.py", False),
        ("*\n!flows", "other.py", True),
        ("a+b", "a+b", True),
    ],
)
def test_patterns_mean_what_they_mean_to_docker(text, path, left_out):
    """Later lines win, and a folder takes its content along."""
    assert Ignored.parse(text).leaves_out(path) is left_out


@pytest.mark.parametrize(
    ("text", "path", "left_out"),
    [
        ("", ".env", True),
        ("", "flows/.env", True),
        ("", "dist/x.whl", True),
        ("", "flows/dist/x.py", False),
        ("*\n!flows", "flows/.env", True),
        ("!.streamlit", ".streamlit/config.toml", False),
        ("!dist/*.whl", "dist/x.whl", False),
        ("!dist/*.whl", "dist/x.tar.gz", True),
        ("!flows/**", "flows/__pycache__/a.pyc", True),
        ("!.git", ".git/HEAD", True),
    ],
)
def test_what_a_team_did_not_write_comes_back_by_its_name_alone(text, path, left_out):
    """Byte code and Git's folder never do: the image would be another one each time."""
    assert Ignored.parse(text).leaves_out(path) is left_out


def test_a_folder_is_skipped_where_nothing_can_come_back():
    """Nobody looks into a large folder for nothing."""
    assert Ignored.parse("data").leaves_out_all("data")
    assert not Ignored.parse("data\n!data/small.csv").leaves_out_all("data")
    assert not Ignored.parse("data\n!**/small.csv").leaves_out_all("data")
    assert not Ignored.parse("").leaves_out_all("flows")
    assert Ignored.parse("!**/x").leaves_out_all(".git")
