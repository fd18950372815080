"""Settings of the interpreter while operations run."""

import gc
import sys

from meta_prefect.engine.embedded.pace import working_pace


def read():
    return sys.getswitchinterval(), gc.get_threshold()


def test_settings_come_back():
    """What was usual comes back when the last of several works is done, and not before."""
    usual = read()
    with working_pace():
        first = read()
        with working_pace():
            pass
        second = read()

    assert first == second
    assert first[0] < usual[0]
    assert first[1][0] > usual[1][0]
    assert read() == usual


def test_a_lazier_collector_stays():
    """Whoever has switched the collector off, or slowed it down, keeps what they chose."""
    usual = gc.get_threshold()
    try:
        for chosen in ((0, 10, 10), (999_999, 5, 5)):
            gc.set_threshold(*chosen)
            with working_pace():
                assert gc.get_threshold() == chosen
    finally:
        gc.set_threshold(*usual)
