import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from meta_prefect.provider.answers import ApiError, LostAnswer, Unreachable
from meta_prefect.provider.batches import FLOWS
from meta_prefect.provider.client import PrefectClient
from meta_prefect.provider.settings import ProviderSettings

SETTINGS = ProviderSettings(api_url="http://prefect.example/api", retries=2)


class Script:
    """Answers requests one after the other and remembers them; the version check is its own."""

    def __init__(self, *answers, version="3.8.8"):
        self._answers = list(answers)
        self._version = version
        self.requests = []
        self.pauses = []
        self.messages = []

    async def answer(self, request):
        if request.url.path.endswith("/admin/version"):
            return httpx.Response(200, json=self._version)
        self.requests.append(request)
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def pause(self, seconds):
        self.pauses.append(seconds)

    def run(self, call, settings=SETTINGS):
        async def run():
            client = PrefectClient(
                settings,
                lambda *message: self.messages.append(message),
                transport=httpx.MockTransport(self.answer),
                sleep=self.pause,
            )
            try:
                return await call(client)
            finally:
                await client.close()

        return asyncio.run(run())


def _ok(value=None):
    return httpx.Response(200, json=value)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_busy_server_is_asked_again(status):
    """Answers that say busy are repeated after a pause."""
    script = Script(httpx.Response(status), _ok({"id": "1"}))

    found = script.run(lambda client: client.find("/flows/1", doing="read"))

    assert found == {"id": "1"}
    assert len(script.pauses) == 1


def test_server_says_how_long_to_wait():
    """`Retry-After` is kept, and never cut short."""
    script = Script(httpx.Response(429, headers={"Retry-After": "4"}), _ok({}))

    script.run(lambda client: client.find("/flows/1", doing="read"))

    assert 3.9 <= script.pauses[0] <= 4.8


def test_server_says_until_when_to_wait():
    """`Retry-After` may be a date; one that is neither number nor date asks for nothing."""
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    answers = [httpx.Response(503, headers={"Retry-After": text}) for text in (later, "soon")]
    script = Script(*answers, _ok({}))

    script.run(lambda client: client.find("/flows/1", doing="read"))

    assert 28 <= script.pauses[0] <= 36
    assert script.pauses[1] < 1


def test_everybody_waits_when_the_server_asks_for_it():
    """A pause that the server asks one request for is kept by the others, too."""
    script = Script(httpx.Response(429, headers={"Retry-After": "4"}), _ok({}), _ok({}))

    async def call(client):
        await client.find("/flows/1", doing="read")
        await client.find("/flows/2", doing="read")

    script.run(call)

    assert len(script.pauses) == 2


def test_retries_come_to_an_end():
    """After the last attempt the user is told that the server is busy."""
    script = Script(*[httpx.Response(429)] * 3)

    with pytest.raises(ApiError, match="cannot read: the server is busy"):
        script.run(lambda client: client.find("/flows/1", doing="read"))

    assert len(script.requests) == 3


def test_failing_server_is_asked_twice_more():
    """A 500 is a fault of the server's own, which another attempt seldom cures."""
    script = Script(*[httpx.Response(500)] * 3)
    settings = ProviderSettings(api_url=SETTINGS.api_url, retries=8)

    with pytest.raises(ApiError, match="its log says why"):
        script.run(lambda client: client.patch("/flows/1", {}, doing="change"), settings)

    assert len(script.requests) == 3


@pytest.mark.parametrize(
    "lost", [httpx.ReadError("reset"), httpx.Response(502), httpx.Response(500)]
)
def test_lost_answer_of_a_create_is_looked_up(lost):
    """A create whose answer was lost is not sent again when the thing is there."""
    script = Script(lost)

    async def find():
        return {"id": "made"}

    made = script.run(lambda client: client.post("/x/", {}, doing="create", find=find))

    assert made == {"id": "made"}
    assert len(script.requests) == 1


def test_lost_answer_of_a_create_that_did_not_happen():
    """A create whose answer was lost is sent again when the thing is not there."""
    script = Script(httpx.ReadError("reset"), httpx.Response(201, json={"id": "made"}))

    async def find():
        return None

    made = script.run(lambda client: client.post("/x/", {}, doing="create", find=find))

    assert made == {"id": "made"}


def test_creates_are_found_again_whenever_they_happen():
    """A create that takes place late is found, after another lost answer or a conflict with it."""
    lost, conflict = httpx.ReadTimeout("slow"), httpx.Response(409)
    looks = iter([None, None, {"id": "late"}])
    script = Script(lost, lost, conflict)

    async def find():
        return next(looks)

    made = script.run(lambda client: client.post("/x/", {}, doing="create", find=find))

    assert made == {"id": "late"}
    assert len(script.requests) == 3


def test_conflict_with_another_is_an_error():
    """A create that meets a thing of the same name at once has not made it."""
    script = Script(httpx.Response(409))

    async def find():
        return {"id": "somebody's"}

    with pytest.raises(ApiError, match="conflicts"):
        script.run(lambda client: client.post("/x/", {}, doing="create", find=find))


def test_change_of_a_name_is_found_again():
    """A rename whose answer was lost is not sent again under the old name."""
    script = Script(httpx.ReadError("reset"))

    async def find():
        return {"name": "new"}

    script.run(lambda client: client.patch("/x/old", {}, doing="rename", find=find))

    assert len(script.requests) == 1


def test_create_tells_whether_it_was_there():
    """An answer 201 is a new thing, 200 one that the server had."""
    script = Script(httpx.Response(201, json={}), _ok({}))

    async def call(client):
        return [await client.make("/flows/", {}, doing="create") for _ in range(2)]

    assert [reply.is_new for reply in script.run(call)] == [True, False]


def test_lost_answers_of_reads_are_repeated_then_told():
    """A read is repeated over a broken connection, and its end is one sentence."""
    script = Script(*[httpx.ReadError("reset")] * 3)

    with pytest.raises(LostAnswer, match="the connection broke"):
        script.run(lambda client: client.find("/flows/1", doing="read"))


def test_nobody_there():
    """An API that nobody answers at is named with its URL."""
    script = Script(*[httpx.ConnectError("refused")] * 3)

    with pytest.raises(Unreachable, match=r"no Prefect API answers at http://prefect.example/api"):
        script.run(lambda client: client.find("/flows/1", doing="read"))


def test_stopped_client_repeats_nothing():
    """After a cancel, the first failure is the last."""
    script = Script(httpx.Response(503))

    async def call(client):
        client.stop()
        await client.find("/flows/1", doing="read")

    with pytest.raises(ApiError):
        script.run(call)

    assert script.pauses == []


def test_csrf_token_is_fetched_once():
    """A server that wants a CSRF token gets one, and keeps getting it."""
    script = Script(
        httpx.Response(403, json={"detail": "Missing CSRF token"}),
        _ok({"token": "t"}),
        _ok(),
        _ok(),
    )

    async def call(client):
        await client.patch("/flows/1", {}, doing="change")
        await client.patch("/flows/2", {}, doing="change")

    script.run(call)

    assert [request.headers.get("Prefect-Csrf-Token") for request in script.requests] == [
        None,
        None,
        "t",
        "t",
    ]


def test_reads_at_one_time_are_one_request():
    """Many reads become one filter request; what is missing in the answer is none."""
    script = Script(_ok([{"id": "a"}, {"id": "b"}]))

    async def call(client):
        return await asyncio.gather(*(client.find_in_batch(FLOWS, key) for key in "aabc"))

    found = script.run(call)

    assert found == [{"id": "a"}, {"id": "a"}, {"id": "b"}, None]
    assert len(script.requests) == 1


def test_more_reads_than_a_page_are_two_requests():
    """The server takes at most 200 keys at once."""
    script = Script(_ok([]), _ok([]))

    async def call(client):
        await asyncio.gather(*(client.find_in_batch(FLOWS, str(key)) for key in range(250)))

    script.run(call)

    assert len(script.requests) == 2


def test_failed_batch_fails_every_read():
    """Each of the reads in a request that failed says so."""
    script = Script(*[httpx.Response(500)] * 3)

    async def call(client):
        reads = (client.find_in_batch(FLOWS, key) for key in "ab")
        return await asyncio.gather(*reads, return_exceptions=True)

    assert [type(result) for result in script.run(call)] == [ApiError, ApiError]


A, B = "00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b"


def test_foreseen_reads_are_one_request():
    """Reads that come one after the other are one request when they were foreseen."""
    script = Script(_ok([{"id": A}]))

    async def call(client):
        with client.reading_ahead([(FLOWS, A), (FLOWS, B)]):
            return [await client.find_in_batch(FLOWS, key) for key in (A, B)]

    found = script.run(call)

    assert found == [{"id": A}, None]
    assert len(script.requests) == 1


def test_an_answer_read_ahead_serves_once():
    """Who looks again asks the server again, as the object may have changed since."""
    script = Script(_ok([{"id": A, "name": "old"}]), _ok([{"id": A, "name": "new"}]))

    async def call(client):
        with client.reading_ahead([(FLOWS, A)]):
            return [await client.find_in_batch(FLOWS, A) for _ in range(2)]

    assert [row["name"] for row in script.run(call)] == ["old", "new"]


@pytest.mark.parametrize("ending", ["write", "leave"])
def test_what_was_read_ahead_is_forgotten(ending):
    """After a write, and after the context, the server is asked for what was foreseen, too."""
    before = _ok([{"id": A, "name": "old"}, {"id": B, "name": "old"}])
    after = _ok([{"id": B, "name": "new"}])
    script = Script(before, *([httpx.Response(204)] if ending == "write" else []), after)

    async def call(client):
        with client.reading_ahead([(FLOWS, A), (FLOWS, B)]):
            await client.find_in_batch(FLOWS, A)
            if ending == "write":
                await client.patch(f"/flows/{B}", {}, doing="change")
                return await client.find_in_batch(FLOWS, B)
        return await client.find_in_batch(FLOWS, B)

    assert script.run(call)["name"] == "new"


def test_all_pages_are_read():
    """A list longer than a page is read to its end."""
    script = Script(_ok([{"id": str(at)} for at in range(200)]), _ok([{"id": "last"}]))

    found = script.run(lambda client: client.list_all("/flows/filter", {}, doing="list"))

    assert len(found) == 201


@pytest.mark.parametrize(("version", "count"), [("3.8.8", 0), ("3.3.0", 1), ("3.9.1", 1)])
def test_untried_server_is_warned_of_once(version, count):
    """A server outside the tried versions is named once, and used."""
    script = Script(_ok({}), _ok({}), version=version)

    async def call(client):
        await client.find("/flows/1", doing="read")
        await client.find("/flows/2", doing="read")

    script.run(call)

    assert len(script.messages) == count


def test_no_url_is_one_sentence():
    """Without an API the user is told how to name one."""
    script = Script()

    with pytest.raises(Exception, match="set apiUrl or PREFECT_API_URL"):
        script.run(lambda client: client.find("/x", doing="read"), ProviderSettings())
