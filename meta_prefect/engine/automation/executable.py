"""
The `pulumi` executable: whether the one that is there will do.

Asks it for its version and nothing else. Where to look for it is the business of `project.wiring`,
which imports this room only when there is one.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from typing import Final, TypeAlias

from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError

INSTALL_PULUMI: Final = "curl -fsSL https://get.pulumi.com | sh"
OLDEST_VERSION: Final = (3, 200, 0)
_INSTALLS_LATELY: Final = (3, 260, 0)
_VERSION: Final = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")
_LONGEST_SECONDS: Final = 60

Version: TypeAlias = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Executable:
    """
    A `pulumi` that can be used.

    path: absolute.
    """

    path: str
    version: Version

    @property
    def version_text(self) -> str:
        """The version as people write it."""
        return render_version(self.version)

    @property
    def installs_lately(self) -> bool:
        """Whether it can be told to look for a plugin when it is needed, and no sooner."""
        return self.version >= _INSTALLS_LATELY


def read_executable(path: str) -> Executable:
    """
    Look at an executable.

    Raises:
        MetaPrefectError: MP5202, it does not run, or it is older than this package can drive.
    """
    try:
        done = subprocess.run(  # noqa: S603 - found on the user's PATH
            [path, "version"],
            capture_output=True,
            text=True,
            check=True,
            timeout=_LONGEST_SECONDS,
        )
    except subprocess.CalledProcessError as error:
        said = error.stderr.strip() or f"it ended with exit code {error.returncode}"
        raise _unfit(f"{path} does not run", said) from error
    except subprocess.TimeoutExpired as error:
        why = f"it did not tell its version within {_LONGEST_SECONDS} seconds"
        raise _unfit(f"{path} does not run", why) from error
    except OSError as error:
        raise _unfit(f"{path} does not run", error.strerror or str(error)) from error
    version = parse_version(done.stdout)
    if version is None:
        raise _unfit(f"{path} does not tell its version", f"it said {done.stdout.strip()!r}")
    if version < OLDEST_VERSION:
        text = render_version(version)
        oldest = render_version(OLDEST_VERSION)
        raise _unfit(f"pulumi {text} is too old", f"{path}; {oldest} is the oldest that will do")
    return Executable(path, version)


def parse_version(text: str) -> Version | None:
    """Read what `pulumi version` prints; a pre-release counts as its release."""
    found = _VERSION.match(text.strip())
    if found is None:
        return None
    major, minor, patch = map(int, found.groups())
    return major, minor, patch


def render_version(version: Version) -> str:
    """Write a version as people do."""
    return ".".join(map(str, version))


def _unfit(summary: str, why: str) -> MetaPrefectError:
    return MetaPrefectError(
        "MP5202", summary, why=why, fixes=(INSTALL_PULUMI,), exit_code=ExitCode.USAGE
    )
