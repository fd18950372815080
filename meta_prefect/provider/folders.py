"""
Folders of local processes: where they are by default, and made for their owner only.

Not to be confused with the project's own folder, in which the default one lies.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

from meta_prefect.interfaces.provider import ProviderError
from meta_prefect.interfaces.values import UNKNOWN

DEFAULT_HOME: Final = Path(".meta_prefect", "prefect")
_PRIVATE: Final = 0o700


def bind_folder(path: Any) -> Any:
    """Make a path absolute, from the current folder; an unknown one stays so."""
    return path if path is UNKNOWN else str(Path(path).expanduser().absolute())


def make_folder(path: Path) -> None:
    """
    Make a folder, and its parents.

    Raises:
        ProviderError: it cannot be made or written to.
    """
    try:
        path.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
    except OSError as error:
        raise ProviderError(f"cannot make the folder {path}: {error.strerror}") from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise ProviderError(f"the folder {path} cannot be written to")
