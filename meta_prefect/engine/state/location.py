"""
Where state is: from a backend's URL to the folder, and whether this room can work there.

Refuses what only the Pulumi command line can do, and says how to get it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from meta_prefect.engine.state.disk import explain_errors
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError

INSTALL_PULUMI: Final = "install Pulumi: curl -fsSL https://get.pulumi.com | sh"
_SCHEME: Final = "file://"
_META_FILES: Final = ("meta.yaml", "meta.yaml.gz", "meta.yaml.zst")


def find_root(url: str) -> Path:
    """
    Give the `.pulumi` folder of a `file://` URL; `~` is the home folder.

    Raises:
        MetaPrefectError: MP5201, the URL is not one of a folder.
    """
    if not url.startswith(_SCHEME):
        raise needs_pulumi(url)
    folder = unquote(url.removeprefix(_SCHEME).partition("?")[0])
    return Path(folder or ".").expanduser() / ".pulumi"


def needs_pulumi(url: str) -> MetaPrefectError:
    """Make the error of state that only the Pulumi command line reaches."""
    return MetaPrefectError(
        "MP5201",
        f"state at {hide_password(url)} needs the Pulumi command line",
        why="the embedded engine keeps state in folders only (file://...)",
        fixes=(INSTALL_PULUMI,),
        exit_code=ExitCode.USAGE,
    )


def hide_password(url: str) -> str:
    """Give a URL as it may be shown to anybody."""
    parts = urlsplit(url)
    return url.replace(f":{parts.password}@", ":***@") if parts.password else url


def check_layout(root: Path) -> None:
    """
    Refuse a folder whose stacks are not sorted by project.

    Raises:
        MetaPrefectError: MP4110.
    """
    with explain_errors(root, "read"):
        is_legacy = not any((root / name).exists() for name in _META_FILES) and any(
            path.name.endswith((".json", ".json.gz")) for path in _list(root / "stacks")
        )
    if is_legacy:
        raise MetaPrefectError(
            "MP4110",
            "the state folder has the layout of an old Pulumi",
            where=str(root),
            fixes=("pulumi state upgrade",),
        )


def _list(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def list_stack_names(root: Path, project: str) -> list[str]:
    """List the names of a project's stacks, sorted."""
    names = set()
    with explain_errors(root, "read"):
        for path in _list(root / "stacks" / project):
            stem, found, rest = path.name.rpartition(".json")
            if found and rest in ("", ".gz", ".zst") and not stem.startswith("."):
                names.add(stem)
    return sorted(names)
