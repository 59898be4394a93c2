"""Compression of map layers for clients that accept it; responses with secrets are never compressed."""

import gzip

import pytest
from flask import Response, jsonify
from flask.testing import FlaskClient

from gridmap.app import create_app
from gridmap.config import Settings
from gridmap.web.access import public
from gridmap.web.geojson import encode_feature, encode_properties, features_response
from tests.web.conftest import COOKIE_SECRET, open_client

POINT = '{"type":"Point","coordinates":[104.06,30.66]}'
GZIP = {"Accept-Encoding": "gzip"}


def layer_response(features: int) -> Response:
    return features_response(encode_feature(key, POINT, encode_properties(layer="grids")) for key in range(features))


@pytest.fixture
def client() -> FlaskClient:
    """Open the application with a layer of a requested number of features and a plain JSON response."""
    app = create_app(Settings(COOKIE_SECRET))
    app.add_url_rule("/layer/<int:features>", "layer", public(layer_response))
    app.add_url_rule("/plain", "plain", public(lambda: jsonify(["a secret"] * 1000)))
    return open_client(app)


def test_a_layer_is_compressed_for_clients_that_accept_gzip(client: FlaskClient) -> None:
    plain, compressed = client.get("/layer/100"), client.get("/layer/100", headers=GZIP)
    assert (compressed.headers["Content-Encoding"], gzip.decompress(compressed.data)) == ("gzip", plain.data)
    assert int(compressed.headers["Content-Length"]) == len(compressed.data) < len(plain.data) / 10
    assert "Content-Encoding" not in plain.headers


@pytest.mark.parametrize("headers", [{}, GZIP, {"Accept-Encoding": "gzip;q=0"}])
def test_caches_keep_the_two_encodings_of_a_layer_apart(client: FlaskClient, headers: dict[str, str]) -> None:
    answer = client.get("/layer/100", headers=headers)
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert ("Content-Encoding" in answer.headers) == (headers == GZIP)


@pytest.mark.parametrize("path", ["/layer/1", "/plain", "/sign-in", "/style-guide", "/no-such-page"])
def test_other_responses_are_not_compressed(client: FlaskClient, path: str) -> None:
    assert "Content-Encoding" not in client.get(path, headers=GZIP).headers
