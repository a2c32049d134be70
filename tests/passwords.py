"""The passwords of Apple accounts in tests, and how to find one wherever it got to.

Those below and all that the servers in `tests.fakes` are given are looked for by `tests.canary`.
None is the one that stands on the form as an example: that one is on pages by intent.
"""

import base64
import html
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote

EXAMPLE = "abcd-efgh-ijkl-mnop"
PASSWORD = "qwer-tyui-opas-dfgh"
SECOND = "qrst-uvwx-yzab-cdef"
WRONG = "zzzz-zzzz-zzzz-zzzz"
APPLE_IDS_OWN = "Tr0ub4dor&3"  # not of the form of app-specific ones

SHORTEST = 8  # a shorter one is part of words that mean nothing
FORM = re.compile(r"[a-z]{4}(?:-[a-z]{4}){3}")
SMALL = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", b"abcdefghijklmnopqrstuvwxyz")
BETWEEN = b"-+ \t\r\n"
TOKEN = re.compile(rb"[\w+/-]{16,}")
PACKED = re.compile(rb"\.(eJ[\w-]{20,})")  # as Django signs what it compressed


@dataclass(frozen=True)
class Trace:
    """What of a password is looked for: its letters alone where it has Apple's form, as other
    passwords are no more than they look like; and what is the same in any base64 that has it."""

    letters: bytes
    spellings: tuple[bytes, ...]
    encoded: tuple[bytes, ...]


@cache
def _trace(password: str) -> Trace:
    spellings = {password, html.escape(password), quote(password)}
    letters = password.replace("-", "") if FORM.fullmatch(password) else ""
    encoded = [piece for word in {password, letters} - {""} for piece in _encoded(word)]
    words = () if letters else tuple(word.encode() for word in sorted(spellings))
    return Trace(letters.encode(), words, tuple(sorted(encoded)))


def _encoded(word: str) -> Iterator[bytes]:
    """It can begin at any of three places in a group of base64; its neighbours are not known."""
    for before in range(3):
        whole = base64.b64encode(b"\0" * before + word.encode())
        yield whole[4 if before else 0 : (before + len(word)) // 3 * 4]


LASTING = (PASSWORD, SECOND, WRONG, APPLE_IDS_OWN)
_watched: dict[str, Trace] = {password: _trace(password) for password in LASTING}


def watch(password: str) -> str:
    """Have this one looked for too, until `forget`; returns it."""
    if len(password) >= SHORTEST and password != EXAMPLE:
        _watched.setdefault(password, _trace(password))
    return password


def forget() -> None:
    """Look for no more than what every test may use."""
    for password in _watched.keys() - set(LASTING):
        del _watched[password]


def found_in(text: str | bytes) -> list[str]:
    """Which of them stand there: with dashes, without, with spaces, in capitals, in base64."""
    raw = text.encode(errors="replace") if isinstance(text, str) else text
    letters = raw.replace(b"%20", b"").translate(SMALL, BETWEEN)
    tokens = b"\n".join(TOKEN.findall(raw))
    found = {
        password
        for password, trace in list(_watched.items())
        if (trace.letters and trace.letters in letters)
        or any(word in raw for word in trace.spellings)
        or any(piece in tokens for piece in trace.encoded)
    }
    return sorted(found.union(*(found_in(inner) for inner in _unpacked(raw))))


def _unpacked(raw: bytes) -> Iterator[bytes]:
    for packed in PACKED.findall(raw):
        try:
            yield zlib.decompress(base64.urlsafe_b64decode(packed + b"=" * (-len(packed) % 4)))
        except (ValueError, zlib.error):
            continue
