"""Photos of incidents: upright, small, without metadata."""

import io
import os

import pytest
from PIL import Image

from gridmap.core.errors import InvalidInput
from gridmap.formats.pictures.photo import MAX_BYTES, clean_photo
from gridmap.formats.pictures.picture_worker import recode_photo
from gridmap.store.schema.cases.notices import MAX_PHOTO_BYTES
from tests.formats.pictures.test_picture_file import encode, png_header


def test_a_photo_is_turned_upright_and_loses_what_the_phone_wrote() -> None:
    image = Image.new("RGB", (300, 200), "red")
    exif = image.getexif()
    exif[0x0112], exif[0x010F] = 6, "maker of the phone"
    exif.get_ifd(0x8825)[1] = "N"
    content, size = clean_photo(encode(image, "JPEG", exif=exif, comment=b"note"))
    stored = Image.open(io.BytesIO(content))
    assert (size, stored.size, stored.format) == ((200, 300), (200, 300), "JPEG")
    assert not stored.getexif()
    assert b"maker" not in content
    assert b"note" not in content


def test_a_large_noisy_photo_is_at_most_1600_pixels_and_one_megabyte() -> None:
    noise = Image.frombytes("RGB", (2000, 1800), os.urandom(2000 * 1800 * 3))
    content, size = clean_photo(encode(noise, "JPEG", quality=95))
    assert size == (1600, 1440)
    assert len(content) <= MAX_PHOTO_BYTES


def test_a_photo_that_no_quality_makes_small_enough_gets_fewer_pixels() -> None:
    noise = encode(Image.frombytes("RGB", (200, 100), os.urandom(60_000)), "PNG")
    header, content = recode_photo(noise, 10**6, 1600, 2000)
    assert len(content) <= 2000
    assert Image.open(io.BytesIO(content)).size == (header["width"], header["height"])
    assert header["width"] < 200


def test_the_table_takes_every_photo() -> None:
    assert MAX_BYTES <= MAX_PHOTO_BYTES


def test_transparent_parts_become_white() -> None:
    content, _ = clean_photo(encode(Image.new("RGBA", (20, 20), (0, 0, 0, 0)), "PNG"))
    assert Image.open(io.BytesIO(content)).getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"<svg/>", b"\xff\xd8\xff\xe0 cut", png_header(40, 40)])
def test_what_is_no_photo_is_refused_with_the_formats(content: bytes) -> None:
    with pytest.raises(InvalidInput, match="JPEG, PNG, WebP"):
        clean_photo(content)


def test_a_picture_that_would_fill_the_memory_is_not_decoded() -> None:
    with pytest.raises(InvalidInput, match="has 900 million pixels; at most 60 million"):
        clean_photo(png_header(30_000, 30_000))


def test_an_upload_of_more_than_20_megabytes_is_not_read() -> None:
    with pytest.raises(InvalidInput, match="at most 20 MB"):
        clean_photo(bytes(20 * 2**20 + 1))
