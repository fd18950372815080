from meta_prefect.provider.answers import ApiError, read_detail


def test_problems_are_named_by_our_inputs():
    """A refused body is told by the inputs' names, each problem once, values left out."""
    body = {
        "exception_message": "Invalid request received.",
        "exception_detail": [
            {"loc": ["body", "concurrency_limit"], "msg": "must be an integer", "input": "hush"},
            {"loc": ["body", "concurrency_limit"], "msg": "must be an integer", "input": "hush"},
            {"loc": ["body", "job_variables", "env"], "msg": "must be an object"},
        ],
        "request_body": {"token": "hush"},
    }

    error = ApiError("create deployment 'x'", 422, body)

    assert str(error) == (
        "cannot create deployment 'x': the server does not take these values: "
        "concurrencyLimit: must be an integer; jobVariables.env: must be an object"
    )


def test_detail_of_each_shape():
    """The server's sentence is found in each of its error shapes, and none is no failure."""
    assert read_detail({"detail": "Work pool not found."}) == "Work pool not found"
    assert read_detail({"exception_message": "Automation not found"}) == "Automation not found"
    assert read_detail(None) == ""
    assert read_detail({"exception_detail": [{"loc": [], "msg": "odd"}]}) == "odd"


def test_variants_that_were_not_sent_are_left_out():
    """Of a value that may be one of several records only the one that was sent is told about."""
    body = {
        "exception_detail": [
            {
                "type": "literal_error",
                "loc": ["body", "actions", 0, "function-after[requires_id(), Run]", "type"],
                "msg": "Input should be 'run'",
            },
            {
                "type": "missing",
                "loc": ["body", "actions", 0, "function-after[requires_id(), Run]", "state"],
                "msg": "Field required",
            },
            {
                "type": "uuid_parsing",
                "loc": ["body", "actions", 0, "SendNotification", "block_document_id"],
                "msg": "Input should be a valid UUID",
            },
        ]
    }

    assert read_detail(body) == "actions.0.block_document_id: Input should be a valid UUID"


def test_no_variant_fits():
    """Where no record fits, all of the answer is told."""
    problem = {"type": "literal_error", "loc": ["body", "type"], "msg": "Input should be 'x'"}

    assert read_detail({"exception_detail": [problem]}) == "type: Input should be 'x'"
