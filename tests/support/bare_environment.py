"""
A fresh virtual environment with some packages and what they require, and no others.

Made of links into this one, so that nothing is downloaded. What a package requires is as its
metadata say, extras left out.
"""

from __future__ import annotations

import venv
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import meta_prefect


def build_environment(folder, *names):
    """
    Make one in a folder, with packages and with this project, but not with what that requires.

    Gives the path of its Python.
    """
    venv.create(folder, with_pip=False)
    (site,) = folder.glob("lib/python*/site-packages")
    for found in _find_all(names):
        for top in {file.parts[0] for file in found.files or () if file.parts[0] != ".."}:
            _link(Path(found.locate_file(top)), site)
    _link(Path(meta_prefect.__file__).parent, site)
    return folder / "bin" / "python"


def _find_all(names):
    """Give the distributions of packages and of all that they require."""
    waiting, seen = [*names], {}
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name not in seen:
            seen[name] = _find(name)
            waiting += _list_requirements(seen[name]) if seen[name] else ()
    return [found for found in seen.values() if found]


def _find(name):
    """Give a distribution; None for one that this system does not need."""
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def _list_requirements(found):
    requirements = map(Requirement, found.requires or ())
    for requirement in requirements:
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield requirement.name


def _link(path, folder):
    if path.exists() and not (folder / path.name).exists():
        (folder / path.name).symlink_to(path)
