"""Requests drawn from the published description, valid or not, never break the door."""

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from tests.door_server import alone, serve


@pytest.fixture(scope="module")
def described():
    with serve(alone()) as url:
        yield schemathesis.openapi.from_url(f"{url}/api/v1/openapi.json")


schema = schemathesis.pytest.from_fixture("described")


@schema.parametrize()
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_no_request_of_the_description_breaks_the_door(case):
    response = case.call()
    # 503 is what the description itself says of a stopped dialogue server.
    checks = [content_type_conformance, response_schema_conformance]
    case.validate_response(
        response, checks=checks if response.status_code == 503 else [not_a_server_error, *checks]
    )
