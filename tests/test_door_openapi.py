"""Requests drawn from the published description, valid or not, never break a running Jalon."""

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.strategies import examples

SHAPES = [content_type_conformance, response_schema_conformance, status_code_conformance]


@pytest.fixture(scope="module")
def operations(pile):
    described = schemathesis.openapi.from_url(f"{pile.url}/api/v1/openapi.json")
    return [found.ok() for found in described.get_all_operations()]


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["valid", "wrong"])
def test_no_request_of_the_description_breaks_the_door(operations, mode):
    assert len(operations) == 10
    tried = 0
    for operation in operations:
        if mode == GenerationMode.NEGATIVE and operation.path == "/sante":
            continue  # takes nothing: nothing can be wrong in it

        @given(operation.as_strategy(generation_mode=mode))
        @settings(examples(30), suppress_health_check=list(HealthCheck))
        def check(case):
            nonlocal tried
            tried += 1
            response = case.call()
            case.validate_response(response, checks=[not_a_server_error, *SHAPES])

        check()
    print(f"\n{mode.value} : {tried} requêtes")
