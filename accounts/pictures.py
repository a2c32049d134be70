"""What a picture's file says of itself: its kind and size, from its first bytes.

Nothing is decoded: a decoder would be one more thing to attack, and browsers have theirs.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass

LARGEST = 200_000  # bytes
LONGEST = 2000  # pixels
PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff"


class NotAPicture(ValueError):
    """Why a file is not taken, in words for people."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A file that begins as a picture does; sides in pixels."""

    content: bytes
    kind: str
    width: int
    height: int


def picture_in(content: bytes) -> Picture:
    """Raises NotAPicture for other kinds, for what is damaged, and for what is too large."""
    if len(content) > LARGEST:
        raise NotAPicture(f"This file is too large. {LARGEST // 1000} kB is the most.")
    kind, read = _kind_of(content)
    try:
        width, height = read(content)
    except (struct.error, IndexError, ValueError) as error:
        raise NotAPicture("This picture is damaged: its size cannot be read.") from error
    if not (0 < width <= LONGEST and 0 < height <= LONGEST):
        raise NotAPicture(f"This picture is not between 1 and {LONGEST} pixels wide and high.")
    return Picture(content, kind, width, height)


def _kind_of(content: bytes) -> tuple[str, Callable[[bytes], tuple[int, int]]]:
    if content.startswith(PNG):
        return "image/png", _size_of_png
    if content.startswith(JPEG):
        return "image/jpeg", _size_of_jpeg
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp", _size_of_webp
    raise NotAPicture("This is not a PNG, JPEG or WebP picture. Other kinds are not taken.")


def _size_of_png(content: bytes) -> tuple[int, int]:
    """https://www.w3.org/TR/png-3/#11IHDR: the first chunk."""
    name, width, height = struct.unpack_from(">4sII", content, 12)
    if name != b"IHDR":
        raise ValueError
    return width, height


def _size_of_jpeg(content: bytes) -> tuple[int, int]:
    """ITU T.81, B.2.2: in the frame header, whose marker is C0 to CF but for C4, C8 and CC. Any
    number of FF may stand before a marker."""
    at = 2
    while True:
        begin, marker, length = struct.unpack_from(">BBH", content, at)
        if begin != 0xFF:
            raise ValueError
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", content, at + 5)
            return width, height
        at += 1 if marker == 0xFF else 2 + length


def _size_of_webp(content: bytes) -> tuple[int, int]:
    """https://developers.google.com/speed/webp/docs/riff_container, and RFC 6386, 9.1."""
    match content[12:16]:
        case b"VP8X":
            return _little(content[24:27]) + 1, _little(content[27:30]) + 1
        case b"VP8L":
            (bits,) = struct.unpack_from("<I", content, 21)
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            width, height = struct.unpack_from("<HH", content, 26)
            return width & 0x3FFF, height & 0x3FFF
    raise ValueError


def _little(three: bytes) -> int:
    if len(three) < 3:
        raise ValueError
    return int.from_bytes(three, "little")
