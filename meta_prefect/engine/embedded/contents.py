"""
Contents of assets and archives, and their hashes, which are Pulumi's bit by bit.

A file that is an archive is hashed as it is; a folder or a map of assets as the tar file that it
would become. Contents that are elsewhere are fetched. Which values hold assets is `assets`' matter.

Source: `sdk/go/common/resource/asset` and `archive` of Pulumi 3.260.
"""

from __future__ import annotations

import hashlib
import io
import os
import posixpath
import stat
import tarfile
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final
from urllib.parse import unquote, urlsplit

from meta_prefect.engine.embedded.tar_bytes import END, build_header, build_padding
from meta_prefect.interfaces.values import Archive, Asset

_ARCHIVES: Final = (".tar", ".tgz", ".tar.gz", ".zip", ".jar")
_ZIPPED: Final = (".zip", ".jar")
_BOOKKEEPING: Final = ".pulumi"
_CHUNK_BYTES: Final = 256 * 1024
_TIMEOUT_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class _Member:
    """A file of an archive; `content` is read once, before the next member is asked for."""

    name: str
    size: int
    content: IO[bytes]


def compute_hash(value: Asset | Archive, root: Path) -> str:
    """
    Give the hash of a content, in hex; relative paths begin at `root`.

    Raises:
        OSError: the content cannot be read.
        ValueError: an archive is of no known kind.
    """
    digest = hashlib.sha256()
    with ExitStack() as stack:
        for chunk in _read_chunks(value, root, stack):
            digest.update(chunk)
    return digest.hexdigest()


def _read_chunks(value: Asset | Archive, root: Path, stack: ExitStack) -> Iterator[bytes]:
    if isinstance(value, Asset):
        return _iterate(_open_asset(value, root, stack))
    if _names_archive(value):
        return _iterate(_open_place(value, root, stack))
    return _write_tar(_list_members(value, root, stack))


def _write_tar(members: Iterator[_Member]) -> Iterator[bytes]:
    seen = set()
    for member in members:
        if member.name not in seen:
            seen.add(member.name)
            yield build_header(member.name, member.size)
            yield from _iterate(member.content)
            yield build_padding(member.size)
    yield END


def _list_members(archive: Archive, root: Path, stack: ExitStack) -> Iterator[_Member]:
    if archive.path or archive.uri:
        return _list_place(archive, root, stack)
    return _list_assets(archive, root, stack)


def _list_assets(archive: Archive, root: Path, stack: ExitStack) -> Iterator[_Member]:
    for name, item in sorted((archive.assets or {}).items(), key=lambda pair: pair[0].encode()):
        if isinstance(item, Asset):
            yield _build_member(name, _open_asset(item, root, stack))
        else:
            for member in _list_members(item, root, stack):
                joined = posixpath.normpath(posixpath.join(name, member.name))
                yield _Member(joined, member.size, member.content)


def _list_place(archive: Archive, root: Path, stack: ExitStack) -> Iterator[_Member]:
    if _names_archive(archive):
        file = _open_place(archive, root, stack)
        place = archive.path or urlsplit(archive.uri).path
        return _list_zip(file) if place.endswith(_ZIPPED) else _list_tar(file)
    folder = root / archive.path
    if archive.uri or not folder.is_dir():
        place = archive.uri or str(folder)
        raise ValueError(f"'{place}' is neither a recognized archive type nor a directory")
    return _list_folder(folder, stack)


def _list_folder(folder: Path, stack: ExitStack) -> Iterator[_Member]:
    for path in _walk(folder):
        name = path.relative_to(folder).as_posix()
        yield _build_member(name, stack.enter_context(path.open("rb")))


def _walk(path: Path) -> Iterator[Path]:
    """Give the files of a folder in the order of their names; links to folders are left out."""
    mode = path.lstat().st_mode
    if path.name == _BOOKKEEPING or (stat.S_ISLNK(mode) and path.is_dir()):
        return
    if not stat.S_ISDIR(mode):
        yield path
        return
    for inner in sorted(path.iterdir(), key=os.fsencode):
        yield from _walk(inner)


def _list_tar(file: IO[bytes]) -> Iterator[_Member]:
    with tarfile.open(fileobj=file, mode="r|*") as archive:
        for item in archive:
            content = archive.extractfile(item) if item.isfile() else None
            if content is not None:
                yield _Member(posixpath.normpath(item.name), item.size, content)


def _list_zip(file: IO[bytes]) -> Iterator[_Member]:
    if not file.seekable():
        file = io.BytesIO(file.read())
    with zipfile.ZipFile(file) as archive:
        for item in archive.infolist():
            if not item.is_dir():
                with archive.open(item) as content:
                    yield _Member(posixpath.normpath(item.filename), item.file_size, content)


def _names_archive(archive: Archive) -> bool:
    return (archive.path or urlsplit(archive.uri).path).endswith(_ARCHIVES)


def _open_asset(asset: Asset, root: Path, stack: ExitStack) -> IO[bytes]:
    if asset.path or asset.uri:
        return _open_place(asset, root, stack)
    return io.BytesIO(asset.text.encode())


def _open_place(value: Asset | Archive, root: Path, stack: ExitStack) -> IO[bytes]:
    if value.path:
        return stack.enter_context((root / value.path).open("rb"))
    parts = urlsplit(value.uri)
    if parts.scheme == "file":
        return stack.enter_context(Path(unquote(parts.path)).open("rb"))
    if parts.scheme not in ("http", "https"):
        raise ValueError(f"Unrecognized or unsupported URI scheme: {parts.scheme}")
    request = urllib.request.Request(value.uri)  # noqa: S310 - the scheme is checked above
    opened = urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS)  # noqa: S310
    content: IO[bytes] = stack.enter_context(opened)
    return content


def _build_member(name: str, content: IO[bytes]) -> _Member:
    """Give a member whose size is that of its content, which may have to be read for it."""
    if not content.seekable():
        content = io.BytesIO(content.read())
    size = content.seek(0, io.SEEK_END)
    content.seek(0)
    return _Member(name, size, content)


def _iterate(content: IO[bytes]) -> Iterator[bytes]:
    while chunk := content.read(_CHUNK_BYTES):
        yield chunk
