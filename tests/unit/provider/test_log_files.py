"""Log files of background processes."""

from __future__ import annotations

from pathlib import Path

from meta_prefect.provider.log_files import measure_log, open_log, read_tail, rotate_log, trim_log


def test_large_log_is_put_aside(tmp_path: Path) -> None:
    """A log above the limit is kept under another name and a new one begins."""
    log = tmp_path / "server.log"
    log.write_text("much")

    rotate_log(log, limit_bytes=3)

    assert not log.exists()
    assert (tmp_path / "server.log.1").read_text() == "much"


def test_large_log_is_trimmed_under_a_running_process(tmp_path: Path) -> None:
    """The end of a large log is kept aside, and who has it open goes on in the same file."""
    path = tmp_path / "server.log"
    with open_log(path) as log:
        log.write(b"old and new")
        log.flush()
        trim_log(path, limit_bytes=3)
        trim_log(path, limit_bytes=3)
        log.write(b"later")

    assert (tmp_path / "server.log.1").read_text() == "new"
    assert path.read_text() == "later"


def test_small_log_stays(tmp_path: Path) -> None:
    """A log below the limit is continued."""
    log = tmp_path / "server.log"
    log.write_text("few")

    rotate_log(log, limit_bytes=3)

    assert log.read_text() == "few"


def test_log_is_continued(tmp_path: Path) -> None:
    """Opening a log keeps what is in it."""
    log = tmp_path / "logs" / "server.log"
    for text in (b"one\n", b"two\n"):
        with open_log(log) as opened:
            opened.write(text)

    assert log.read_bytes() == b"one\ntwo\n"


def test_tail_begins_behind_a_mark(tmp_path: Path) -> None:
    """Only what was written since a start is read, without blank lines."""
    log = tmp_path / "server.log"
    log.write_text("old\n")
    mark = measure_log(log)
    with log.open("a") as opened:
        opened.write("\nnew  \n\n")

    assert read_tail(log, mark) == ["new"]


def test_tail_of_no_log_is_empty(tmp_path: Path) -> None:
    """A process that never wrote has no last lines."""
    assert read_tail(tmp_path / "none.log") == []
