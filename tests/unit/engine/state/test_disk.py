import errno
import os
import resource
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from meta_prefect.engine.state.disk import Disk, explain_errors
from meta_prefect.interfaces.diagnostics import MetaPrefectError
from tests.support.failing_system import FullSystem


def test_file_is_replaced_whole(tmp_path):
    """A write makes its folders and leaves nothing beside the file."""
    path = tmp_path / "a" / "b" / "file"
    Disk().write(path, b"old")
    Disk().write(path, b"new")

    assert path.read_bytes() == b"new"
    assert list(path.parent.iterdir()) == [path]


def test_missing_file_is_none(tmp_path):
    """Reading what is not there is no error."""
    assert Disk().read(tmp_path / "none" / "file") is None


def test_append_adds_to_the_end(tmp_path):
    """What was appended stays before what is appended."""
    Disk().append(tmp_path / "a" / "file", b"1")
    Disk().append(tmp_path / "a" / "file", b"2")

    assert (tmp_path / "a" / "file").read_bytes() == b"12"


def test_copy_stays_when_the_source_is_replaced(tmp_path):
    """A copy holds what the source held, however it was made."""
    disk = Disk()
    disk.write(tmp_path / "source", b"old")
    disk.copy(tmp_path / "source", tmp_path / "copies" / "copy")
    disk.write(tmp_path / "source", b"new")

    assert (tmp_path / "copies" / "copy").read_bytes() == b"old"


def test_full_disk_leaves_the_file_as_it_was():
    """An append that does not fit is an error with a cure."""
    with pytest.raises(MetaPrefectError) as found:
        Disk().append(Path("/dev/full"), b"x")

    assert found.value.diagnostic.code == "MP4106"
    assert found.value.diagnostic.fixes[0].startswith("df -h")


def test_half_an_append_is_taken_back(tmp_path):
    """An append of which only a part fits leaves the file as long as it was."""
    path = tmp_path / "file"
    path.write_bytes(b"0123456789")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (15, hard))
    try:
        with pytest.raises(MetaPrefectError) as found:
            Disk().append(path, b"abcdefghij")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert found.value.diagnostic.code == "MP4106"
    assert path.read_bytes() == b"0123456789"


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.EACCES, "MP4105"),
        (errno.EROFS, "MP4105"),
        (errno.ENOSPC, "MP4106"),
        (errno.EIO, "MP4104"),
    ],
)
def test_errors_say_what_to_do(tmp_path, number, code):
    """Permissions, space and the rest are told apart, with the path and the system's words."""
    with pytest.raises(MetaPrefectError) as found, explain_errors(tmp_path / "dev.json", "written"):
        raise OSError(number, "the system's words")

    assert found.value.diagnostic.code == code
    assert found.value.diagnostic.summary == "dev.json cannot be written"
    assert "the system's words" in found.value.diagnostic.why


def test_drafts_of_dead_processes_go(tmp_path):
    """What a killed process of this host left half-written goes; that of others stays."""
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    here, names = socket.gethostname(), []
    for pid, host in ((dead.pid, here), (os.getpid(), here), (dead.pid, "elsewhere")):
        names.append(f".dev.json.{pid}.1@{host}.tmp")
        (tmp_path / names[-1]).touch()
    (tmp_path / "dev.json.tmp").touch()

    Disk().remove_drafts(tmp_path)
    Disk().remove_drafts(tmp_path / "missing")

    assert {path.name for path in tmp_path.iterdir()} == {*names[1:], "dev.json.tmp"}


@pytest.mark.parametrize("first", range(1, 5))
def test_failed_write_leaves_the_old_file_and_no_draft(tmp_path, first):
    """Wherever a write fails, there is one file, the old one or the new one."""
    Disk().write(tmp_path / "file", b"old")

    with pytest.raises(MetaPrefectError):
        Disk(FullSystem(first)).write(tmp_path / "file", b"new")

    assert list(tmp_path.iterdir()) == [tmp_path / "file"]
    assert (tmp_path / "file").read_bytes() in (b"old", b"new")


def test_copy_without_links_is_a_copy(tmp_path):
    """Where a file cannot have two names, its bytes are copied."""
    (tmp_path / "source").write_bytes(b"x")

    Disk(FullSystem(1, calls=1)).copy(tmp_path / "source", tmp_path / "copy")

    assert (tmp_path / "copy").read_bytes() == b"x"
    assert not (tmp_path / "copy").samefile(tmp_path / "source")


def test_file_that_is_worked_on_is_held(tmp_path):
    """A file is held until its handle is closed; one that is not there is not."""
    disk = Disk()
    before = disk.is_held(tmp_path / "file")
    handle = disk.hold(tmp_path / "file")
    during = disk.is_held(tmp_path / "file")
    os.close(handle)

    assert (before, during, disk.is_held(tmp_path / "file")) == (False, True, False)
