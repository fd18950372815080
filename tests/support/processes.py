"""Looking for what a project has left running on this machine."""

import psutil


def list_processes(folder, words=""):
    """Give the living processes of a project's Prefect whose command line holds some words."""
    found = []
    for process in psutil.process_iter():
        try:
            is_ours = process.environ().get("PREFECT_HOME", "").startswith(str(folder))
            if is_ours and words in " ".join(process.cmdline()):
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def end_processes(folder):
    """Kill whatever a test has left of a project, by id."""
    for process in list_processes(folder):
        process.kill()
