"""Compression of layers, files and plain pages; never of a page with a secret beside text from the request."""

import gzip

import brotli
import pytest
from flask import Response, jsonify, url_for
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
    app.add_url_rule("/page", "page", public(lambda: PAGE), methods=["GET", "POST"])
    app.config["WTF_CSRF_ENABLED"] = False
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


PAGE = "<p>a secret</p>" * 1000


@pytest.mark.parametrize(
    ("method", "path", "is_compressed"),
    [
        ("GET", "/page", True),
        ("GET", "/page?name=secret", False),
        ("GET", "/page?", True),
        ("POST", "/page", False),
        ("GET", "/layer/1", False),
        ("GET", "/plain", False),
        ("GET", "/no-such-page", False),
    ],
)
def test_a_page_is_compressed_where_it_has_no_text_of_the_request(
    client: FlaskClient, method: str, path: str, is_compressed: bool
) -> None:
    answer = client.open(path, method=method, headers=GZIP)
    assert ("Content-Encoding" in answer.headers) == is_compressed


def test_the_size_of_a_compressed_page_varies_by_up_to_100_bytes(client: FlaskClient) -> None:
    answers = [client.get("/page", headers=GZIP).data for _ in range(40)]
    assert {gzip.decompress(each) for each in answers} == {PAGE.encode()}
    sizes = [len(each) for each in answers]
    assert 20 < max(sizes) - min(sizes) < 100


def test_a_file_is_compressed_once_and_cached_for_a_year(client: FlaskClient) -> None:
    with client.application.test_request_context():
        url = url_for("static", filename="css/gridmap.css")
    plain, compressed, again = (client.get(url, headers=each, buffered=True) for each in ({}, GZIP, GZIP))
    assert (gzip.decompress(compressed.data), again.data) == (plain.data, compressed.data)
    assert compressed.headers["Content-Type"] == plain.headers["Content-Type"]
    assert "max-age=31536000, immutable" in compressed.headers["Cache-Control"]
    tag = compressed.headers["ETag"]
    unchanged = client.get(url, headers={**GZIP, "If-None-Match": tag}, buffered=True)
    assert (unchanged.status_code, unchanged.data) == (304, b"")


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip", "gzip"), ("deflate", None)],
)
def test_a_file_is_sent_by_brotli_where_the_browser_takes_it(
    client: FlaskClient, accepted: str, encoding: str | None
) -> None:
    with client.application.test_request_context():
        url = url_for("static", filename="css/gridmap.css")
    plain, sent = client.get(url, buffered=True), client.get(url, headers={"Accept-Encoding": accepted}, buffered=True)
    decompress = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[encoding]
    assert (sent.headers.get("Content-Encoding"), decompress(sent.data)) == (encoding, plain.data)


@pytest.mark.parametrize(
    ("filename", "keeps_comments"),
    [("js/lib/dom.js", False), ("vendor/node_modules/leaflet/dist/leaflet.js", True), ("css/gridmap.css", True)],
)
def test_our_scripts_are_sent_without_comments_and_others_with_the_notices_of_their_licences(
    client: FlaskClient, filename: str, keeps_comments: bool
) -> None:
    with client.application.test_request_context():
        url = url_for("static", filename=filename)
    sent = gzip.decompress(client.get(url, headers=GZIP, buffered=True).data)
    assert (b"/*" in sent) == keeps_comments
