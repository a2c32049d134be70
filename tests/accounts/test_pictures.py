import pytest

from accounts.pictures import LARGEST, NotAPicture, Picture, picture_in
from tests.pictures import png

JPEG = bytes.fromhex("ffd8 ffe00004 4a46 ffff db0004 0000 ffc0000b 08 0004 000c 01 011100")
WEBP = {
    "lossy": b"RIFF\x16\0\0\0WEBPVP8 \x0a\0\0\0" + bytes.fromhex("700100 9d012a 0c00 0400"),
    "lossless": b"RIFF\x11\0\0\0WEBPVP8L\x05\0\0\0" + bytes.fromhex("2f 0bc00000"),
    "extended": b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0" + bytes.fromhex("20000000 0b0000 030000"),
}


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        pytest.param(png(12, 4), "image/png", id="png"),
        pytest.param(JPEG, "image/jpeg", id="jpeg"),
        *(pytest.param(content, "image/webp", id=name) for name, content in WEBP.items()),
    ],
)
def test_a_picture_says_its_kind_and_its_size(content: bytes, kind: str) -> None:
    assert picture_in(content) == Picture(content, kind, 12, 4)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a PNG, JPEG", id="svg"),
        pytest.param(b"GIF89a\x01\0\x01\0", "not a PNG, JPEG", id="gif"),
        pytest.param(b"<script>alert(1)</script>", "not a PNG, JPEG", id="page"),
        pytest.param(b"", "not a PNG, JPEG", id="nothing"),
        pytest.param(png() + b"\0" * LARGEST, "200 kB is the most", id="large"),
        pytest.param(png()[:20], "damaged", id="cut png"),
        pytest.param(png().replace(b"IHDR", b"IDAT"), "damaged", id="png without a header"),
        pytest.param(JPEG[:20], "damaged", id="cut jpeg"),
        pytest.param(JPEG[:8] + b"x" * 40, "damaged", id="jpeg without a frame"),
        pytest.param(WEBP["lossy"][:24], "damaged", id="cut webp"),
        pytest.param(WEBP["extended"][:28], "damaged", id="cut extended webp"),
        pytest.param(b"RIFF\0\0\0\0WEBPMOOV", "damaged", id="webp of no kind"),
        pytest.param(png(2001, 1), "between 1 and 2000 pixels", id="wide"),
        pytest.param(png(1, 2001), "between 1 and 2000 pixels", id="high"),
        pytest.param(png(0, 1), "between 1 and 2000 pixels", id="of no width"),
    ],
)
def test_other_files_are_refused_in_words(content: bytes, words: str) -> None:
    with pytest.raises(NotAPicture, match=words):
        picture_in(content)
