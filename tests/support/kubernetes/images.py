"""
What the node without containers runs instead of an image: a command and its environment.

A table from image names, or patterns of them (`prefecthq/prefect:*`), kept as a JSON file.
"""

from __future__ import annotations

import fnmatch
import json
import os
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Image:
    """
    What an image is on this machine.

    command: as an image's entry point; a container's own command replaces it.
    environment: under that of the container.
    ports: where its processes listen, by the port that a pod's probes ask.
    """

    command: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    ports: dict[int, int] = field(default_factory=dict)


def build_python_image(ports=None, **environment):
    """Make the image of this interpreter: `python` and `prefect` are those of the tests."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return Image((), {"PATH": path, "LANG": "C.UTF-8", **environment}, ports or {})


def write_images(path, images):
    """Write a table, by image name."""
    path.write_text(json.dumps({name: asdict(image) for name, image in images.items()}))


def read_images(path):
    """Read a table."""
    found = json.loads(Path(path).read_text())
    return {name: _read_image(image) for name, image in found.items()}


def _read_image(found):
    ports = {int(asked): real for asked, real in found["ports"].items()}
    return Image(tuple(found["command"]), found["environment"], ports)


def find_image(images, name):
    """Give the image of that name; None when the table has none."""
    for pattern, image in images.items():
        if fnmatch.fnmatchcase(name, pattern):
            return image
    return None
