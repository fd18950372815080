"""Log files of local processes."""

from itertools import islice
from threading import Timer

from meta_prefect.interfaces.engine import ResourceRecord
from meta_prefect.project.log_files import find_log_files, follow_file, read_tail


def process(kind, name, **outputs):
    urn = f"urn:pulumi:dev::shop::prefect:local:{kind}::{name}"
    return ResourceRecord(urn, f"prefect:local:{kind}", name, "", "", True, {}, outputs)


def test_files_are_those_of_the_kind_that_is_asked_for(tmp_path):
    """A worker's log is not the server's, and a process without a file has none."""
    resources = [
        process("Server", "local", logFile=str(tmp_path / "server.log")),
        process("ProcessWorker", "a", logFile=str(tmp_path / "a.log")),
        process("ProcessWorker", "b"),
    ]

    found = find_log_files(resources, "worker")

    assert found == (tmp_path / "a.log",)


def test_a_tail_is_the_last_lines(tmp_path):
    """The end of the file comes, in order; a file that is not there has no lines."""
    log = tmp_path / "log"
    log.write_text("1\n2\n3\n")

    assert read_tail(log, 2) == ["2", "3"]
    assert read_tail(tmp_path / "none", 2) == []


def test_following_gives_whole_lines_that_come(tmp_path):
    """What stood there is passed over; a line that comes in two writes is one line."""
    log = tmp_path / "log"
    log.write_text("old\n")

    def add(text):
        with log.open("a") as file:
            file.write(text)

    timers = [Timer(0.1, add, ["one\ntw"]), Timer(0.2, add, ["o\n"])]
    for timer in timers:
        timer.start()
    lines = list(islice(follow_file(log, poll_seconds=0.01), 2))

    assert lines == ["one", "two"]
