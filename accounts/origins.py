"""The sites that may show public pages in a frame, by their origins (RFC 6454)."""

import re
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError

MOST = 20
LONGEST = 253  # RFC 1035, 2.3.4
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")


def origins_in(text: str) -> list[str]:
    """One a line, as browsers write them: `https://example.com`, with its port if it has one.

    Raises ValidationError, in words, for whatever is no such address. None can hold a space, a
    semicolon or a wildcard: they become part of a header that says what is allowed.
    """
    lines = filter(None, map(str.strip, text.splitlines()))
    origins = list(dict.fromkeys(map(_origin, lines)))
    if len(origins) > MOST:
        raise ValidationError(f"These are more than {MOST} sites.")
    return origins


def _origin(line: str) -> str:
    try:
        parts = urlsplit(line)
        host, port = _ascii(parts.hostname or ""), parts.port
    except ValueError:
        raise _refusal(line) from None
    named = host if port is None else f"{host}:{port}"
    is_more = parts.path not in ("", "/") or parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme != "https" or is_more or port == 0 or not _HOST.fullmatch(host):
        raise _refusal(line)
    return f"https://{named}" if port != 443 else f"https://{host}"


def _ascii(host: str) -> str:
    """As it is sent: names in other scripts have a spelling of their own there (RFC 5890).

    Raises ValueError where browsers spell it otherwise than Python does, as they do with ß: that
    would name somebody else's site. Its `xn--` spelling says which is meant.
    """
    sent = host.encode("idna")
    if sent.decode("idna") != host.lower() and not host.isascii():
        raise ValueError(host)
    if len(sent) > LONGEST:
        raise ValueError(host)
    return sent.decode().lower()


def _refusal(line: str) -> ValidationError:
    return ValidationError(
        "“%(line)s” is not the address of a site. Write https:// and the site's name, without a"
        " page, such as https://www.example.com. A name with letters like ß is written as the"
        " address bar copies it, with xn--.",
        params={"line": line},
    )
