"""Malformed requests, which no browser sends, never cause a server error."""

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder, run_wsgi_app

PATHS = st.lists(
    st.sampled_from(
        ["components", "%00", "%ff", "\xff", "//", "..", "<x>", "{0}", "{{7*7}}", "\\", "api", "static", ";"]
    )
).map(lambda parts: "/" + "/".join(parts))
QUERIES = st.one_of(
    st.binary(max_size=40).map(lambda raw: raw.decode("latin1")),
    st.sampled_from(["language=\xff", "language=zh%00", "language[]=en", "_anchor=1&endpoint=x", "&".join("a" * 900)]),
)
HEADERS = st.text(st.characters(min_codepoint=33, max_codepoint=255), max_size=60)
METHODS = st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "HOLD"])


def status_of(app: Flask, method: str, path: str, query: str, header: str) -> int:
    """Return the status of the response to a raw WSGI request."""
    environ = EnvironBuilder(method=method).get_environ()
    environ |= {"PATH_INFO": path, "QUERY_STRING": query, "HTTP_HOST": header or "localhost"}
    environ |= {"HTTP_ACCEPT_LANGUAGE": header, "HTTP_COOKIE": f"gridmap={header}; gridmap_language={header}"}
    body, status_line, _ = run_wsgi_app(app, environ, buffered=True)
    b"".join(body)
    return int(status_line[:3])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(method=METHODS, path=PATHS, query=QUERIES, header=HEADERS)
def test_no_request_causes_a_server_error(app: Flask, method: str, path: str, query: str, header: str) -> None:
    assert status_of(app, method, path, query, header) < 500


@pytest.mark.parametrize("query", ["language=\xff", "\xe5\x87\xa4=\xff&language=en"])
def test_an_undecodable_query_is_ignored(app: Flask, query: str) -> None:
    assert status_of(app, "GET", "/style-guide", query, "") == 200


@pytest.mark.parametrize("host", ["a..b", "a" * 64])
@pytest.mark.parametrize("path", ["/", "/style-guide", "/api/v1/accounts", "/static/css/gridmap.css"])
def test_an_invalid_host_name_is_refused(app: Flask, host: str, path: str) -> None:
    assert status_of(app, "GET", path, "", host) == 400
