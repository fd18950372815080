"""Accounts, members and users of Prefect Cloud: nobody makes them. Against a fake one."""

import pytest

from meta_prefect.interfaces.provider import ProviderError
from meta_prefect.interfaces.values import Secret
from tests.support.fake_cloud import USER
from tests.unit.provider.handlers.test_cloud_resource import run

ACCOUNT = "prefect:cloud:Account"
MEMBER = "prefect:cloud:AccountMember"
PERSON = "prefect:cloud:User"
KEY = "prefect:cloud:UserApiKey"
ACME = {"name": "Acme", "handle": "acme"}


@pytest.mark.parametrize(
    ("type", "values", "id"),
    [
        (ACCOUNT, ACME, "acme"),
        (MEMBER, {"email": "marvin@acme.example"}, ""),
        (PERSON, {"userId": USER}, USER),
    ],
)
def test_what_is_there_asks_for_an_import(type, values, id):
    """What no API makes is not taken over unless asked for, and the import id is told."""

    async def create(fake, bench):
        with pytest.raises(ProviderError, match=f"exists already: import it as {id}"):
            await bench.create(type, values)
        assert fake.writes == []

    run(create)


@pytest.mark.parametrize(
    ("type", "values", "reason"),
    [
        (ACCOUNT, {**ACME, "accountId": "acme/other"}, "none can be made by the API"),
        (MEMBER, {"email": "nobody@acme.example"}, "invite them first"),
        (PERSON, {"userId": "nobody"}, "there is no user nobody"),
    ],
)
def test_what_is_not_there_cannot_be_made(type, values, reason):
    """A person or an account that does not exist is an error with the way to get one."""

    async def create(fake, bench):
        fake.tables["accounts"].clear()
        with pytest.raises(ProviderError, match=reason):
            await bench.create(type, values)
        assert fake.writes == []

    run(create, adopt="always")


def test_account_is_let_go_of():
    """Destroying a stack deletes no account, and says so, unless that was asked for."""

    async def delete(fake, bench):
        made = await bench.create(ACCOUNT, ACME)
        await bench.delete(made)
        assert "acme" in fake.tables["accounts"]
        assert await bench.has_said("stays: forceDelete is not set")

        forced = await bench.update(made, {**ACME, "forceDelete": True})
        await bench.delete(forced)
        assert fake.tables["accounts"] == {}
        assert await bench.refresh(forced) is None

    run(delete, adopt="always")


def test_setting_that_is_not_given_stays():
    """One setting is changed beside the others, which people may have set by hand."""

    async def create(fake, bench):
        row = fake.tables["accounts"]["acme"]
        row["settings"] = {**row["settings"], "managed_execution": True}
        await bench.create(ACCOUNT, {**ACME, "aiLogSummaries": True})

        assert row["settings"]["managed_execution"] is True
        assert row["settings"]["ai_log_summaries"] is True

    run(create, adopt="always")


def test_member_is_taken_out_of_the_account():
    """Deleting a member ends the membership, and the person stays a user."""

    async def delete(fake, bench):
        made = await bench.create(MEMBER, {"email": "marvin@acme.example"})
        await bench.delete(made)

        assert fake.tables["account_memberships"] == {}
        assert await bench.refresh(made) is None
        assert USER in fake.tables["users"]

    run(delete, adopt="always")


def test_user_is_let_go_of():
    """Nobody is deleted by a program: the user is told to stay."""

    async def delete(fake, bench):
        made = await bench.create(PERSON, {"userId": USER})
        await bench.delete(made)

        assert USER in fake.tables["users"]
        assert await bench.has_said("only they can delete themselves")

    run(delete, adopt="always")


def test_user_that_is_gone_is_told():
    """A user who has gone between preview and update is an error, not a new user."""

    async def update(fake, bench):
        made = await bench.create(PERSON, {"userId": USER})
        fake.tables["users"].clear()

        assert await bench.refresh(made) is None
        with pytest.raises(ProviderError, match="any more"):
            await bench.update(made, {"userId": USER, "firstName": "M"})

    run(update, adopt="always")


def test_key_of_a_user_is_told_once():
    """A key is a secret output that a refresh keeps, and an import cannot know."""

    async def create(fake, bench):
        made = await bench.create(KEY, {"userId": USER, "name": "laptop"})
        refreshed = await bench.refresh(made)
        imported = await bench.import_(KEY, made.id)

        (row,) = fake.tables["api_keys"].values()
        assert made.id == f"{USER}/{row['id']}"
        assert made.outputs["key"] == refreshed.outputs["key"] == Secret(row["key"])
        assert imported.outputs["key"] is None

    run(create)


def test_id_of_a_key_has_a_form():
    """An id without its user is told the right form."""

    async def import_(fake, bench):
        with pytest.raises(ProviderError, match="USER_UUID/KEY_UUID"):
            await bench.import_(KEY, "1")

    run(import_)
