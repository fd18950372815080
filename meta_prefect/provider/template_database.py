"""
A migrated, empty database, kept once for each version of Prefect and copied into new homes.

Most of a server's first start goes into some hundred migrations, which give the same on every
machine. Kept is only what a fresh server has by itself; a database with anything else in it, a key
included, is not kept. Used is it only where there is no database yet. It is a matter of speed:
whatever goes wrong here, a server starts without it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import secrets
import sqlite3
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from meta_prefect.interfaces.provider import ProviderError
from meta_prefect.provider.folders import make_folder

_OWN_TABLES: Final = frozenset(
    {"alembic_version", "block_schema", "block_schema_reference", "block_type"}
)
"""Tables into which a fresh server of Prefect writes by itself."""
_MIGRATIONS: Final = Path("server", "database", "_migrations")


@dataclass(frozen=True, slots=True)
class TemplateDatabase:
    """
    A template for a home that has no database yet.

    template: where it is kept, whether it exists or not. database: of the home.
    """

    template: Path
    database: Path

    def lay(self) -> bool:
        """Copy the template into the home; False when there is none that is sound."""
        return self.template.exists() and _try_to_copy(self.template, self.database)

    def keep(self) -> bool:
        """Keep the database that a server has just made; False when it will not do."""
        return _try_to_copy(self.database, self.template)

    def drop(self) -> None:
        """Take back a copy with which no server became ready, and the template."""
        self.template.unlink(missing_ok=True)
        for ending in ("", "-wal", "-shm"):
            self.database.with_name(f"{self.database.name}{ending}").unlink(missing_ok=True)


def find_template(
    database: Path, python: str, environment: Mapping[str, str]
) -> TemplateDatabase | None:
    """
    Find where the template of an interpreter's Prefect is kept.

    None when there is a database, or for another interpreter than this one, into whose packages
    nobody can look cheaply.
    """
    places = _find_prefect() if python == sys.executable else None
    if not places or database.exists():
        return None
    name = f"prefect-{version('prefect')}-{_hash_folder(Path(places[0]) / _MIGRATIONS)}.db"
    return TemplateDatabase(_find_cache(environment) / "meta-prefect" / name, database)


def _find_prefect() -> Sequence[str] | None:
    spec = find_spec("prefect")
    return spec.submodule_search_locations if spec else None


def _try_to_copy(source: Path, target: Path) -> bool:
    try:
        make_folder(target.parent)
        _copy(source, target)
    except (OSError, ProviderError, sqlite3.Error):
        return False
    return True


def _copy(source: Path, target: Path) -> None:
    """
    Copy a database that may be in use; the target appears as a whole or not at all.

    Raises:
        sqlite3.DatabaseError: the source is damaged, or has more in it than a fresh server's.
    """
    beside = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    beside.touch(mode=0o600)
    try:
        with (
            contextlib.closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as origin,
            contextlib.closing(sqlite3.connect(beside)) as copy,
        ):
            origin.backup(copy)
            _check_fresh(copy)
        # Unlike a rename, a link never takes the place of what came in between.
        os.link(beside, target)
    finally:
        beside.unlink(missing_ok=True)


def _check_fresh(database: sqlite3.Connection) -> None:
    (verdict,) = database.execute("PRAGMA quick_check").fetchone()
    tables = [
        name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    ]
    filled = {name for name in tables if _has_rows(database, name)}
    if verdict != "ok" or "alembic_version" not in filled or not filled <= _OWN_TABLES:
        raise sqlite3.DatabaseError("not a fresh server's database")


def _has_rows(database: sqlite3.Connection, table: str) -> bool:
    query = f'SELECT EXISTS (SELECT 1 FROM "{table}")'  # noqa: S608 - a name from the schema
    return bool(database.execute(query).fetchone()[0])


def _hash_folder(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        digest.update(str(path.relative_to(folder)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _find_cache(environment: Mapping[str, str]) -> Path:
    if given := environment.get("XDG_CACHE_HOME"):
        return Path(given)
    if platform.system() == "Darwin":
        return Path.home() / "Library" / "Caches"
    return Path.home() / ".cache"
