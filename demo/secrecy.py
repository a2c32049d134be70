"""Where a password is found if it was written down: in files, and in what the job queue keeps."""

import base64
import re
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

QUEUE_TABLES = ("django_q_ormq", "django_q_task", "django_q_schedule")
ENCODED = re.compile(rb"[A-Za-z0-9+/_-]{20,}")
COMPRESSED = re.compile(rb"x[\x01\x5e\x9c\xda]")  # how zlib begins
MOST_INFLATED = 10_000_000
URL_SAFE = bytes.maketrans(b"-_", b"+/")


def spellings(*accounts: tuple[str, str]) -> frozenset[bytes]:
    """App-specific passwords, each with its Apple ID before it, as people type them and programs
    send them: with dashes, spaces or neither, in either case, and all that as a Basic header."""
    return frozenset(spelling for account in accounts for spelling in _spelled(*account))


def files_below(folder: Path, *, leaving_out: Path) -> list[Path]:
    files = (file for file in folder.rglob("*") if file.is_file())
    return sorted(file for file in files if leaving_out not in file.parents)


def files_with(secrets: Iterable[bytes], files: Iterable[Path]) -> list[Path]:
    """Those that hold one of them, as it is or somewhere in what is encoded or compressed."""
    wanted = tuple(secrets)
    return [file for file in files if _holds(wanted, _content(file))]


def queue_values(database: Path) -> list[tuple[str, bytes]]:
    """Table and column, and the value, of all that the job queue keeps in an SQLite file."""
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        return [found for table in QUEUE_TABLES for found in _values(connection, table)]


def columns_with(secrets: Iterable[bytes], values: Iterable[tuple[str, bytes]]) -> list[str]:
    """Those that hold one of them, as it is or in what was pickled, compressed and encoded."""
    wanted = tuple(secrets)
    return [name for name, value in values if _holds(wanted, value)]


def _spelled(apple_id: str, password: str) -> Iterator[bytes]:
    words = {password.replace("-", between) for between in ("-", " ", "")}
    for word in words | {word.upper() for word in words}:
        yield word.encode()
        yield base64.b64encode(f"{apple_id}:{word}".encode())


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:  # replaced by a new one since it was listed
        return b""


def _holds(wanted: tuple[bytes, ...], content: bytes) -> bool:
    return any(secret in layer for layer in _layers(content) for secret in wanted)


def _layers(content: bytes) -> Iterator[bytes]:
    """What there is, what may be base64 in it decoded, and each of these decompressed."""
    for layer in (content, *_shifted(content)):
        yield layer
        yield from _inflated(layer)


def _shifted(content: bytes) -> Iterator[bytes]:
    """Runs of letters decoded from each place at which a group of four may begin."""
    for run in ENCODED.findall(content):
        for start in range(4):
            yield _decoded(run[start:])


def _inflated(content: bytes) -> Iterator[bytes]:
    for head in COMPRESSED.finditer(content):
        try:
            yield zlib.decompressobj().decompress(content[head.start() :], MOST_INFLATED)
        except zlib.error:  # letters that only look so
            continue


def _decoded(letters: bytes) -> bytes:
    """Base64 of either alphabet, without padding, as much of it as is whole."""
    whole = letters[: len(letters) - (len(letters) % 4 == 1)].translate(URL_SAFE)
    return base64.b64decode(whole + b"=" * (-len(whole) % 4))


def _values(connection: sqlite3.Connection, table: str) -> Iterator[tuple[str, bytes]]:
    rows = connection.execute(f"SELECT * FROM {table}")  # noqa: S608 - a name from above
    columns = [described[0] for described in rows.description]
    for row in rows:
        for column, value in zip(columns, row, strict=True):
            if isinstance(value, str | bytes):
                content = value if isinstance(value, bytes) else value.encode()
                yield f"{table}.{column}", content
