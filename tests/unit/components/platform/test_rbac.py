"""Permissions inside a cluster."""

from meta_prefect.components.platform import rbac

ALL = tuple(value for name, value in vars(rbac).items() if name.isupper() and name[0] != "_")


def test_nothing_is_allowed_in_general():
    """No group, resource or verb is a star."""
    assert len(ALL) == 6
    for rule in (rule for rules in ALL for rule in rules):
        assert "*" not in (rule.group, *rule.resources, *rule.verbs)


def test_a_worker_makes_jobs_and_looks_at_pods():
    """The rules of a worker, as a whole."""
    assert rbac.render_rules(rbac.WORKER) == [
        {
            "api_groups": ["batch"],
            "resources": ["jobs"],
            "verbs": ["create", "delete", "get", "list", "watch"],
        },
        {"api_groups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch"]},
        {"api_groups": [""], "resources": ["pods/log"], "verbs": ["get"]},
    ]


def test_only_what_starts_pods_may_make_them():
    """A flow makes Dask clusters, and leaves their pods to the operator."""
    pods = [rule.verbs for rule in rbac.DASK_FLOW if "pods" in rule.resources]

    assert pods == [("get", "list", "watch")]
