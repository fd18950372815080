import pytest

from meta_prefect.provider.answers import ApiError, LostAnswer, Unreachable
from meta_prefect.provider.client_retries import Chance, choose_pause, is_overload, weigh


@pytest.mark.parametrize(
    ("error", "chance"),
    [
        (Unreachable("read", "http://h/api", "refused"), Chance(5)),
        (LostAnswer("read"), Chance(8, perhaps_done=True)),
        (ApiError("read", 429, None), Chance(8)),
        (ApiError("read", 500, None), Chance(2, perhaps_done=True)),
        (ApiError("read", 502, None), Chance(8, perhaps_done=True)),
        (ApiError("read", 503, None), Chance(16)),
        (ApiError("read", 409, None), Chance()),
    ],
)
def test_what_another_attempt_is_worth(error, chance):
    """Each failure has its number of repeats, and says whether the request may have taken place."""
    assert weigh(error, retries=8) == chance


def test_no_retries_are_none():
    """Who asks for no retries gets none, whatever failed."""
    errors = (LostAnswer("read"), Unreachable("read", "u", "r"), ApiError("read", 500, None))

    assert {weigh(error, retries=0).repeats for error in errors} == {0}


def test_pauses_double_up_to_a_limit():
    """Pauses grow with each turn, spread around a value, and never above 15 seconds."""
    lost = LostAnswer("read")
    shortest = [min(choose_pause(turn, lost) for _ in range(200)) for turn in (1, 3, 5)]

    assert shortest == sorted(shortest)
    assert shortest[0] < 0.2
    assert max(choose_pause(20, lost) for _ in range(200)) <= 15


def test_a_locked_database_is_asked_soon_again():
    """A database is locked for a moment only: pauses stay short, as the next writer waits."""
    locked = ApiError("write", 503, None)

    assert max(choose_pause(1, locked) for _ in range(200)) <= 0.15
    assert max(choose_pause(16, locked) for _ in range(200)) <= 3


@pytest.mark.parametrize(
    ("error", "overload"),
    [
        (LostAnswer("read", timed_out=True), True),
        (LostAnswer("read"), False),
        (ApiError("read", 503, None), True),
        (ApiError("read", 500, None), False),
        (Unreachable("read", "http://h/api", "refused"), False),
    ],
)
def test_what_says_that_a_server_has_too_much_to_do(error, overload):
    """Busy answers and slow ones are signs of it; a broken connection says nothing."""
    assert is_overload(error) is overload
