"""Pictures small enough to be written down, and logos made of them."""

import struct
import zlib

from accounts.models import Agency, Logo
from accounts.pictures import picture_in
from accounts.services.branding import wear


def png(width: int = 12, height: int = 4, colour: bytes = b"\x0b\x7a\x75") -> bytes:
    """A whole picture in one colour, that browsers show."""
    lines = (b"\0" + colour * width) * height
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(lines, 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in parts
    )


def make_logo(agency: Agency, content: bytes | None = None) -> Logo:
    wear(agency, picture_in(content or png()), words=f"{agency.name}, in letters")
    return Logo.objects.get(agency=agency)
