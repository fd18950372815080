"""Notifications: which automation each makes, and through which block."""

from datetime import timedelta

import pytest

from meta_prefect.implementations.notify import email, slack, teams, webhook
from meta_prefect.interfaces.automation import THIS_DEPLOYMENT
from meta_prefect.interfaces.components import Block, FromEnvironment, existing
from tests.unit.implementations.specs import BASE


def test_a_channel_hears_of_failures():
    """Failed, timed out and crashed runs of this deployment, and of no other, send a message."""
    (made,) = slack(existing("alerts")).update_deployment(BASE).automations

    assert made.name == "slack on failed, crashed"
    assert made.trigger["expect"] == [
        "prefect.flow-run.Failed",
        "prefect.flow-run.TimedOut",
        "prefect.flow-run.Crashed",
    ]
    assert made.trigger["match_related"]["prefect.resource.id"] == [
        f"prefect.deployment.{THIS_DEPLOYMENT}"
    ]
    assert made.actions[0]["block_document_id"] == Block("slack-webhook", existing("alerts"))


def test_late_and_long_runs():
    """Runs that take long need an automation of their own, which waits for what does not come."""
    build = slack(existing("alerts"), on=["late"], longer_than=timedelta(hours=1), name="watch")
    late, long = build.update_deployment(BASE).automations
    (only_long,) = slack(existing("a"), longer_than=60).update_deployment(BASE).automations

    assert (late.name, late.trigger["expect"]) == ("watch", ["prefect.flow-run.Late"])
    assert (long.name, long.trigger["posture"]) == ("watch (long)", "Proactive")
    assert (long.trigger["after"], long.trigger["within"]) == (["prefect.flow-run.Running"], 3600)
    assert only_long.name == "slack on long runs"


@pytest.mark.parametrize(
    ("build", "block"),
    [
        (
            slack(variable="SLACK_URL"),
            Block("slack-webhook", "slack-url", (("url", FromEnvironment("SLACK_URL")),)),
        ),
        (
            teams(variable="TEAMS_URL"),
            Block("ms-teams-webhook", "teams-url", (("url", FromEnvironment("TEAMS_URL")),)),
        ),
        (
            webhook(variable="PAGER"),
            Block("webhook", "pager", (("url", FromEnvironment("PAGER")),)),
        ),
        (
            email("a@b.c", sender="d@e.f", variable="KEY"),
            Block(
                "sendgrid-email",
                "key-d-e-f-a-b-c",
                (
                    ("api_key", FromEnvironment("KEY")),
                    ("sender_email", "d@e.f"),
                    ("to_emails", ("a@b.c",)),
                ),
            ),
        ),
        (email(block=existing("mail")), Block("sendgrid-email", existing("mail"))),
    ],
)
def test_each_way_has_its_block(build, block):
    """A block is made with a value of the environment, or one of somebody else is used."""
    assert build.update_deployment(BASE).needs == {block}


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (slack, ValueError, r"slack\(\)"),
        (lambda: slack(existing("a"), variable="A"), ValueError, r"slack\(\)"),
        (lambda: slack(existing(" ")), ValueError, "slack"),
        (lambda: slack(existing("a"), on="failed"), TypeError, r'slack\(on="failed"\)'),
        (lambda: slack(existing("a"), on=["lost"]), ValueError, r'slack\(on=\["lost"\]\)'),
        (lambda: slack(existing("a"), longer_than=5), ValueError, r"slack\(longer_than=5\)"),
        (lambda: slack(existing("a"), name="a/b"), ValueError, "a/b"),
        (lambda: slack(existing("a"), when="now"), TypeError, r"slack\(\) has no option when"),
        (teams, ValueError, r"teams\(\)"),
        (webhook, ValueError, r"webhook\(\)"),
        (lambda: email("team", sender="a@b.c", variable="K"), ValueError, r'email\("team"\)'),
        (lambda: email(variable="K"), ValueError, r"email\(\)"),
        (lambda: email("a@b.c", block=existing("a")), ValueError, r"email\(block="),
    ],
)
def test_a_value_that_will_not_do_is_refused(make, error, message):
    """The message names the builder and the value."""
    with pytest.raises(error, match=message):
        make()
