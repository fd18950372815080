"""The template of a fresh database, with small databases of the same tables."""

import contextlib
import sqlite3
import sys

import pytest

from meta_prefect.provider.template_database import TemplateDatabase, find_template

FRESH = (
    "CREATE TABLE alembic_version (version_num TEXT)",
    "INSERT INTO alembic_version VALUES ('a3')",
    "CREATE TABLE block_type (name TEXT)",
    "INSERT INTO block_type VALUES ('json')",
    "CREATE TABLE flow (name TEXT)",
    "CREATE TABLE configuration (key TEXT)",
)


def make_database(path, *more):
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        for statement in (*FRESH, *more):
            database.execute(statement)
        database.commit()


def read_version(path):
    with contextlib.closing(sqlite3.connect(path)) as database:
        return database.execute("SELECT version_num FROM alembic_version").fetchone()[0]


@pytest.fixture
def home(tmp_path):
    """A template's place and a home's, both still empty."""
    return TemplateDatabase(tmp_path / "cache" / "template.db", tmp_path / "home" / "prefect.db")


def test_kept_database_is_laid_into_the_next_home(home, tmp_path):
    """What a fresh server has made is found in the next home, for its owner only."""
    make_database(home.database)
    kept = home.keep()
    next_home = TemplateDatabase(home.template, tmp_path / "next" / "prefect.db")

    laid = next_home.lay()

    assert kept
    assert laid
    assert read_version(next_home.database) == "a3"
    assert next_home.database.stat().st_mode & 0o077 == 0


def test_open_database_is_kept_whole(home):
    """A database that its server still writes to is kept with what is not in its file yet."""
    make_database(home.database)
    with contextlib.closing(sqlite3.connect(home.database)) as database:
        database.execute("UPDATE alembic_version SET version_num = 'b4'")
        database.commit()
        home.keep()

    assert read_version(home.template) == "b4"


@pytest.mark.parametrize("table", ["flow", "configuration"])
def test_used_database_is_not_kept(home, table):
    """A database with anything of a user's, or with a key, is no template."""
    make_database(home.database, f"INSERT INTO {table} VALUES ('x')")

    assert not home.keep()
    assert not home.template.exists()


def test_database_without_migrations_is_not_kept(home):
    """A database that no migration has finished is no template."""
    make_database(home.database, "DELETE FROM alembic_version")

    assert not home.keep()


def test_no_template_is_no_harm(home):
    """Without a template the home is left to the server."""
    assert not home.lay()
    assert not home.database.exists()


def test_damaged_template_is_not_laid(home):
    """A template that is damaged is not used, and leaves nothing in the home."""
    home.template.parent.mkdir()
    home.template.write_bytes(b"no database at all")

    assert not home.lay()
    assert list(home.database.parent.iterdir()) == []


def test_database_is_never_replaced(home):
    """A database that came up meanwhile stays as it is."""
    make_database(home.template)
    make_database(home.database, "UPDATE alembic_version SET version_num = 'mine'")

    assert not home.lay()
    assert read_version(home.database) == "mine"


def test_failed_copy_is_dropped(home):
    """A copy with which no server became ready goes, together with its template."""
    make_database(home.template)
    home.lay()

    home.drop()

    assert not home.database.exists()
    assert not home.template.exists()


def test_template_is_found_by_version_and_migrations(tmp_path):
    """The template's name holds the release and a hash, in the user's cache."""
    found = find_template(tmp_path / "db", sys.executable, {"XDG_CACHE_HOME": str(tmp_path)})

    assert found is not None
    assert found.template.parent == tmp_path / "meta-prefect"
    assert found.template.name.startswith("prefect-3.")


def test_other_interpreters_have_no_template(tmp_path):
    """Nobody guesses which migrations another interpreter has."""
    assert find_template(tmp_path / "db", "/other/python", {}) is None


def test_existing_database_has_no_template(tmp_path):
    """A home that has a database is left alone."""
    make_database(tmp_path / "db")

    assert find_template(tmp_path / "db", sys.executable, {}) is None
