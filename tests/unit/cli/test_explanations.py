import re
from pathlib import Path

import meta_prefect
from meta_prefect.cli.explanations import EXPLANATIONS

PACKAGE = Path(meta_prefect.__file__).parent
CODE = re.compile(r"\bMP\d{4}\b")


def find_codes():
    """Give every code in the package's text, with the files that use it."""
    codes = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.name != "explanations.py":
            for code in CODE.findall(path.read_text("utf-8")):
                codes.setdefault(code, set()).add(path.relative_to(PACKAGE).as_posix())
    return codes


def test_every_code_is_explained():
    """`explain` knows each code that a user may meet."""
    missing = {code: files for code, files in find_codes().items() if code not in EXPLANATIONS}

    assert missing == {}


def test_nothing_else_is_explained():
    """A code that is used no more has no text."""
    assert sorted(EXPLANATIONS.keys() - find_codes().keys()) == []


def test_texts_have_the_form_of_the_rest():
    """Titles are sentences without capital and stop; texts end; codes stand in order."""
    for code, text in EXPLANATIONS.items():
        assert text.title.startswith("Prefect") or text.title[0] == text.title[0].lower(), code
        assert not text.title.endswith("."), code
        assert text.text.endswith("."), code

    assert list(EXPLANATIONS) == sorted(EXPLANATIONS)
