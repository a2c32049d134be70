"""`make smoke` ends by looking for passwords; here one stands in each place it must look at."""

import base64
import pickle
import sqlite3
import zlib
from contextlib import closing
from pathlib import Path

import pytest
from django_q.signing import SignedPackage

from demo.icloud import BEN
from demo.secrecy import columns_with, files_below, files_with, queue_values, spellings

SECRETS = spellings((BEN.apple_id, BEN.app_password))
LETTERS = "demopasswordbens"
HEADER = "YmVuQGljbG91ZC50ZXN0OmRlbW8tcGFzcy13b3JkLWJlbnM="  # of ben@icloud.test and his password


@pytest.mark.parametrize(
    "written",
    [
        BEN.app_password,
        LETTERS,
        "demo pass word bens",
        BEN.app_password.upper(),
        LETTERS.upper(),
        HEADER,
        f"authorization=Basic{HEADER}",
        "xx" + base64.urlsafe_b64encode(f"?>{LETTERS}?>".encode()).decode(),
    ],
)
def test_a_password_in_a_file_is_found_however_it_is_written(tmp_path: Path, written: str) -> None:
    clean, told = tmp_path / "web.log", tmp_path / "logs" / "worker.log"
    told.parent.mkdir()
    clean.write_text("event=sync connection=1 demo pass words of bens")
    told.write_text(f"event=sync password={written} connection=1")

    files = files_below(tmp_path, leaving_out=tmp_path / "icloud")

    assert files == [told, clean]
    assert files_with(SECRETS, files) == [told]


def test_a_password_in_a_compressed_file_is_found(tmp_path: Path) -> None:
    cached = tmp_path / "status.djcache"
    cached.write_bytes(pickle.dumps(1.0) + zlib.compress(pickle.dumps(["x" * 500, LETTERS])))

    assert LETTERS.encode() not in cached.read_bytes()
    assert files_with(SECRETS, [cached]) == [cached]


def test_what_the_calendar_server_keeps_is_not_looked_at(tmp_path: Path) -> None:
    (tmp_path / "icloud").mkdir()
    (tmp_path / "icloud" / "icloud.json").write_text(BEN.app_password)

    assert files_below(tmp_path, leaving_out=tmp_path / "icloud") == []


def test_a_password_in_a_row_of_the_job_queue_is_found_through_its_encodings(
    tmp_path: Path,
) -> None:
    database = tmp_path / "demo.sqlite3"
    job = {"name": "told", "args": ("x" * 500, LETTERS)}
    plain, packed = (SignedPackage.dumps(job, compressed=small) for small in (False, True))
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("CREATE TABLE django_q_ormq (id, payload)")
        connection.execute("CREATE TABLE django_q_task (id, result, args)")
        connection.execute("CREATE TABLE django_q_schedule (args)")
        connection.execute("INSERT INTO django_q_ormq VALUES (1, ?), (2, ?)", (plain, packed))
        result = base64.b64encode(pickle.dumps((1, BEN.app_password))).decode()
        clean = base64.b64encode(pickle.dumps((1, "demo-pass-word"))).decode()
        connection.execute("INSERT INTO django_q_task VALUES (1, ?, ?)", (result, clean))
        connection.execute("INSERT INTO django_q_schedule VALUES (?)", (f"('{LETTERS}',)",))

    values = queue_values(database)

    assert packed.startswith(".")
    assert len(values) == 5
    assert columns_with(SECRETS, values) == [
        "django_q_ormq.payload",
        "django_q_ormq.payload",
        "django_q_task.result",
        "django_q_schedule.args",
    ]
