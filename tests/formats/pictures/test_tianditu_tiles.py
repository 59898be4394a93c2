"""Tiles from a server: put together at their place, and everything else refused in words, never with the key."""

import io
from collections.abc import Callable
from math import atan, degrees, pi, sinh
from threading import Event

import numpy as np
import pytest
from PIL import Image

from gridmap.core.errors import NotPossible
from gridmap.core.tracing.placement import to_degrees
from gridmap.core.tracing.tile_range import MapKind, TileRange
from gridmap.formats.pictures import tianditu_tiles
from gridmap.formats.pictures.picture_file import recode_picture
from gridmap.formats.pictures.tianditu_tiles import SERVERS, fetch_mosaic
from tests.formats.pictures.tile_server import Answer, make_tile, serve_tiles

KEY = "0123456789abcdef0123456789abcdef"
TILES = TileRange(17, 107_151, 107_152, 53_865, 53_865)
"""Two tiles, one beside the other."""
MAX_TILE_BYTES = 512 * 1024


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tianditu_tiles, "PAUSE_S", 0.0)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def fetch(answer: Callable[[dict[str, str]], Answer], kind: MapKind = MapKind.IMAGERY) -> tuple[bytes, int]:
    """Return the mosaic and the number of requests."""
    with serve_tiles(answer) as server:
        content = fetch_mosaic(TILES, kind, KEY, [server.url], lambda _: None)
    return content, len(server.requests)


def refusal(answer: Callable[[dict[str, str]], Answer], kind: MapKind = MapKind.IMAGERY) -> str:
    with pytest.raises(NotPossible) as refused:
        fetch(answer, kind)
    error = refused.value
    assert KEY not in f"{error!r} {error.message} {error.__cause__}"
    assert error.__suppress_context__ or error.__context__ is None
    return str(error.message)


def pad(content: bytes, size: int) -> bytes:
    return content + b"\0" * (size - len(content))


def test_only_servers_of_tianditu_are_asked_and_by_tls() -> None:
    assert tuple(f"https://t{number}.tianditu.gov.cn" for number in range(8)) == SERVERS


def test_tiles_become_one_picture_at_its_place() -> None:
    def answer(values: dict[str, str]) -> Answer:
        return 200, make_tile((255, 0, 0) if values["TILECOL"] == "107151" else (0, 0, 255), kind="JPEG")

    picture = recode_picture(fetch(answer)[0])
    image = Image.open(io.BytesIO(picture.content)).convert("RGB")
    assert (picture.width, picture.height) == (512, 256)
    colors = np.asarray(image)[128, [128, 384]]
    assert colors.argmax(axis=1).tolist() == [0, 2]
    assert picture.placement is not None
    affine = picture.placement.affine
    ((west, north),) = to_degrees(affine.apply(np.zeros((1, 2)))).tolist()
    assert west == pytest.approx(107_151 / 2**17 * 360 - 180, abs=1e-9)
    assert north == pytest.approx(degrees(atan(sinh(pi * (1 - 2 * 53_865 / 2**17)))), abs=1e-9)
    assert affine.a == pytest.approx(2 * 20_037_508.34 / 2**17 / 256)


def test_requests_are_those_of_wmts_and_names_lie_upon_the_map() -> None:
    def answer(values: dict[str, str]) -> Answer:
        return 200, make_tile((255, 255, 255) if values["LAYER"] == "vec" else (0, 0, 0, 255))

    with serve_tiles(answer) as server:
        content = fetch_mosaic(TILES, MapKind.MAP, KEY, [server.url], lambda _: None)
    asked = {(each["path"], each["TILECOL"]): each for each in server.requests}
    assert sorted(asked) == [
        (f"/{layer}_w/wmts", column) for layer in ("cva", "vec") for column in ("107151", "107152")
    ]
    assert asked["/vec_w/wmts", "107151"] == {
        "path": "/vec_w/wmts", "SERVICE": "WMTS", "REQUEST": "GetTile", "VERSION": "1.0.0", "LAYER": "vec",
        "STYLE": "default", "TILEMATRIXSET": "w", "FORMAT": "tiles", "TILEMATRIX": "17", "TILEROW": "53865",
        "TILECOL": "107151", "tk": KEY,
    }  # fmt: skip
    image = Image.open(io.BytesIO(recode_picture(content).content)).convert("RGB")
    assert image.getpixel((128, 128)) == (0, 0, 0)


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (401, "refused the key"), (403, "refused the key"), (418, "refused the key"), (429, "no more requests"),
        (404, "answer 404"), (302, "no map tile"), (500, "cannot be reached"),
    ],
)  # fmt: skip
def test_a_refusal_says_what_to_do(status: int, text: str) -> None:
    assert text in refusal(lambda _: (status, b'{"msg":"..."}'))


def test_a_server_that_fails_twice_is_asked_a_third_time() -> None:
    failures = iter([500, 503])
    content, requests = fetch(lambda _: (next(failures, 200), make_tile()))
    assert (content[:6], requests) == (b"SQLite", 4)


def test_no_redirect_is_followed() -> None:
    with serve_tiles(lambda _: (302, b"")) as server, pytest.raises(NotPossible):
        fetch_mosaic(TILES, MapKind.IMAGERY, KEY, [server.url], lambda _: None)
    assert {each["path"] for each in server.requests} == {"/img_w/wmts"}


def test_a_machine_without_a_network_is_told_so() -> None:
    with serve_tiles(lambda _: (200, make_tile())) as server:
        url = server.url
    with pytest.raises(NotPossible) as refused:
        fetch_mosaic(TILES, MapKind.IMAGERY, KEY, [url], lambda _: None)
    assert "connection to the internet" in str(refused.value.message)


def test_a_silent_server_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    over = Event()
    monkeypatch.setattr(tianditu_tiles, "TIMEOUT_S", 0.2)

    def answer(_: dict[str, str]) -> Answer:
        over.wait(10)
        return 200, make_tile()

    with serve_tiles(answer) as server:
        try:
            with pytest.raises(NotPossible) as refused:
                fetch_mosaic(TILES, MapKind.IMAGERY, KEY, [server.url], lambda _: None)
        finally:
            over.set()
    assert "cannot be reached" in str(refused.value.message)


@pytest.mark.parametrize(
    "content",
    [
        b"", b'{"code":0}', make_tile(side=255), make_tile(side=257), make_tile(side=512), make_tile()[:200],
        pad(make_tile(), MAX_TILE_BYTES + 1), make_tile(kind="GIF"),
    ],
    ids=["nothing", "json", "small", "large", "double", "cut", "bytes", "gif"],
)  # fmt: skip
def test_what_is_no_tile_is_refused(content: bytes) -> None:
    assert "no map tile" in refusal(lambda _: (200, content))


def test_a_tile_of_exactly_the_largest_size_is_taken() -> None:
    assert fetch(lambda _: (200, pad(make_tile(), MAX_TILE_BYTES)))[1] == 2


def test_the_work_ends_where_its_progress_is_refused() -> None:
    def refuse(done: int) -> None:
        raise InterruptedError(done)

    with serve_tiles(lambda _: (200, make_tile())) as server, pytest.raises(InterruptedError):
        fetch_mosaic(TILES, MapKind.IMAGERY, KEY, [server.url], refuse)
    assert server.requests == []
