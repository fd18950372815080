"""
Discovery: find a flow by name anywhere in a project, without running any file.

Gives places (`FlowSite`), never flows: `project.loading` imports the one file that was chosen.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from meta_prefect.interfaces.diagnostics import Diagnostic, ExitCode, MetaPrefectError
from meta_prefect.project.sources import list_sources
from meta_prefect.project.syntax import SyntaxReader


@dataclass(frozen=True, slots=True)
class FlowSite:
    """
    Where a flow is defined.

    name: how the project calls it: the name in the file.
    flow_name: its name in Prefect, as far as the text says it.
    file: path below the root, `/` on every system.
    line: of the definition.
    """

    name: str
    flow_name: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Discovery:
    """
    What a project holds.

    sites: by file, then line.
    broken: files that are not Python but speak of flows, each with its first error.
    """

    sites: tuple[FlowSite, ...]
    broken: tuple[Diagnostic, ...] = ()

    def find(self, selector: str) -> FlowSite:
        """
        Find the one flow that a name means: `my_flow`, a flow's name in Prefect, `file.py:my_flow`.

        Raises:
            MetaPrefectError: none, with the nearest names; or several, with their places.
        """
        file, _, name = selector.rpartition(":")
        sites = [site for site in self.sites if not file or _same_file(site.file, file)]
        found = [site for site in sites if site.name == name]
        found = found or [site for site in sites if name in (site.flow_name, _short(site.name))]
        if len(found) > 1:
            raise _ambiguous(selector, found)
        if not found:
            raise self._missing(selector, name)
        return found[0]

    def refuse_broken(self) -> None:
        """
        Make sure that no file that may hold a flow was passed over.

        Raises:
            MetaPrefectError: one was.
        """
        if self.broken:
            first, *others = self.broken
            raise MetaPrefectError(
                first.code,
                first.summary,
                where=first.where,
                why=first.why,
                fixes=first.fixes,
                exit_code=ExitCode.USAGE,
                others=tuple(others),
            )

    def _missing(self, selector: str, name: str) -> MetaPrefectError:
        if self.broken:
            first, *others = self.broken
            return MetaPrefectError(
                "MP1105",
                f"there is no flow {selector}, and a file that may hold it cannot be read",
                where=first.where,
                why=first.why,
                fixes=first.fixes,
                exit_code=ExitCode.USAGE,
                others=tuple(others),
            )
        names = sorted({site.name for site in self.sites} | {site.flow_name for site in self.sites})
        near = get_close_matches(name, names, n=2, cutoff=0.5)
        return MetaPrefectError(
            "MP1101",
            f"there is no flow {selector}",
            why=f"did you mean {' or '.join(near)}?" if near else _listed(names),
            fixes=("meta-prefect ls",) if names else ("meta-prefect init",),
            exit_code=ExitCode.NOT_FOUND,
        )


def discover_flows(root: Path, excludes: tuple[str, ...] = (), mention: str = "") -> Discovery:
    """
    Look through a project's files.

    mention: read only files that hold one of the texts this name can be written as; empty: all.
    """
    reader = SyntaxReader(root)
    sites: list[FlowSite] = []
    broken: list[Diagnostic] = []
    spellings = _spellings(mention)
    for path in list_sources(root, excludes):
        if spellings and not _mentions(path, spellings):
            continue
        file = path.relative_to(root).as_posix()
        try:
            definitions = reader.find_definitions(path)
        except (SyntaxError, ValueError) as error:
            if _mentions(path, (b"flow",)):
                broken.append(_unreadable(file, error))
            continue
        sites.extend(
            FlowSite(item.attribute, item.flow_name, file, item.line) for item in definitions
        )
    return Discovery(tuple(sites), tuple(broken))


def _spellings(name: str) -> tuple[bytes, ...]:
    short = _short(name.rpartition(":")[2])
    return tuple({short.encode(), short.replace("-", "_").encode()}) if short else ()


def _mentions(path: Path, spellings: tuple[bytes, ...]) -> bool:
    content = path.read_bytes()
    return any(spelling in content for spelling in spellings)


def _same_file(file: str, wanted: str) -> bool:
    wanted = Path(wanted).as_posix().removeprefix("./")
    return file == wanted or file.endswith(f"/{wanted}") or wanted.endswith(f"/{file}")


def _short(name: str) -> str:
    return name.rsplit(".", 1)[-1]


def _listed(names: list[str]) -> str:
    return f"known here: {', '.join(names)}" if names else "no flow is defined in this project"


def _ambiguous(selector: str, found: list[FlowSite]) -> MetaPrefectError:
    places = [f"{site.file}:{site.name}" for site in found]
    return MetaPrefectError(
        "MP1102",
        f"{len(found)} flows are called {selector}",
        where=", ".join(f"{site.file} line {site.line}" for site in found),
        fixes=tuple(f"meta-prefect up {place}" for place in places[:2]),
        exit_code=ExitCode.USAGE,
    )


def _unreadable(file: str, error: Exception) -> Diagnostic:
    line = getattr(error, "lineno", None)
    reason = getattr(error, "msg", None) or str(error)
    return Diagnostic(
        "MP1105",
        "a file is not valid Python",
        where=f"{file} line {line}" if line else file,
        why=reason,
        fixes=(f"python -m py_compile {file}", leave_out(file)),
    )


def leave_out(file: str) -> str:
    """Give the line of the settings that keeps a file out of the search for flows."""
    return f'exclude = ["{file}"]  # in [tool.meta_prefect] of pyproject.toml'
