"""Each watch of `tests.canary` barks: a password put there on purpose is found, and taken back."""

import base64
import logging
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest
import structlog
from django.contrib.sessions.backends.db import SessionStore
from django.core import mail, signing
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone
from django_q.models import Failure, Schedule
from django_q.signing import SignedPackage
from django_q.tasks import async_task

from tests import canary, processes
from tests.canary import Hit
from tests.conftest import Tenant
from tests.passwords import (
    APPLE_IDS_OWN,
    EXAMPLE,
    LASTING,
    PASSWORD,
    WRONG,
    forget,
    found_in,
    watch,
)

FORM = "/s/riverside/settings/calendars/connections/icloud/"


def places() -> list[str]:
    """Where `PASSWORD`, and no other, was found since the last call."""
    hits = canary.take()
    assert {hit.password for hit in hits} <= {PASSWORD}
    return [hit.place for hit in hits]


# --- What is found -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        f"password={PASSWORD}",
        PASSWORD.replace("-", ""),
        PASSWORD.replace("-", " ").upper(),
        "app_password=qwer+tyui+opas+dfgh&apple_id=ana",
        "app_password=qwer%20tyui%20opas%20dfgh",
        b"\x00\xff" + PASSWORD.encode() + b"\xff",
        signing.dumps({"typed": PASSWORD}),
        signing.dumps({"typed": [PASSWORD] * 20}, compress=True),
        SignedPackage.dumps({"args": (PASSWORD,)}),
        SignedPackage.dumps({"args": (PASSWORD,) * 20}, compressed=True),
        base64.b64encode(pickle.dumps(PASSWORD)).decode(),
    ],
    ids=range(11),  # what is signed is another text each second
)
def test_a_password_is_found_however_it_is_spelled_or_packed(text: str | bytes) -> None:
    assert found_in(text) == [PASSWORD]


@pytest.mark.parametrize("name", ["a", "an", "ana", "ana@icloud.test"])
@pytest.mark.parametrize("password", LASTING)
def test_a_password_is_found_in_a_basic_header_of_any_name(name: str, password: str) -> None:
    header = base64.b64encode(f"{name}:{password}".encode()).decode()

    assert found_in(f"Authorization: Basic {header}") == [password]


def test_what_is_no_password_is_not_found() -> None:
    for text in (EXAMPLE, "gAAAAABn" + "x" * 80, "qwer-tyui", "", signing.dumps("x" * 200)):
        assert found_in(text) == []


def test_other_passwords_are_found_as_typed_and_as_pages_escape_them() -> None:
    assert found_in(f"<p>{APPLE_IDS_OWN} {WRONG}</p>") == [APPLE_IDS_OWN, WRONG]
    assert found_in("<p>Tr0ub4dor&amp;3</p>") == [APPLE_IDS_OWN]


def test_what_a_server_was_given_is_looked_for_in_that_test() -> None:
    assert found_in("another-password, riva-demo-anas-word") == []

    watch("another-password")
    assert found_in("another-password, riva-demo-anas-word") == ["another-password"]

    forget()
    assert found_in("another-password, riva-demo-anas-word") == []


def test_no_test_connects_with_the_example_that_stands_on_the_form() -> None:
    """It could not be told from a leak. The servers in `fakes` may be tried with it."""
    listed = subprocess.run(
        ["git", "grep", "--untracked", "-l", EXAMPLE, "--", "tests"],
        cwd=processes.REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    assert [name for name in listed if not name.startswith("tests/fakes/")] == [
        "tests/passwords.py"
    ]


# --- Log lines ---------------------------------------------------------------------------------


def test_a_log_line_is_seen_whatever_its_level() -> None:
    logging.getLogger("integrations.anything").debug("Trying %s", PASSWORD)
    structlog.get_logger("calendars.anything").info("tried", header=f"Basic {PASSWORD}")

    assert places() == [
        "a log line of integrations.anything",
        "a log line of calendars.anything",
    ]


def test_a_traceback_in_a_log_line_is_seen() -> None:
    try:
        int(PASSWORD)
    except ValueError:
        structlog.get_logger("integrations.anything").exception("read_failed")

    assert places() == ["a log line of integrations.anything"]


# --- The database, jobs ------------------------------------------------------------------------


def test_every_write_to_the_database_is_seen(tenant: Tenant) -> None:
    tenant.owner.full_name = PASSWORD
    tenant.owner.save()
    assert places() == ['the database: UPDATE "accounts_user" SET']

    session = SessionStore()
    session["typed"] = PASSWORD
    session.save()
    cache.set("typed", PASSWORD)
    assert places() == [
        'the database: INSERT INTO "django_session"',
        'the database: INSERT INTO "cache"',
    ]


@pytest.mark.django_db(transaction=True)
def test_writes_of_other_threads_are_seen() -> None:
    def write() -> None:
        with connection.cursor() as cursor:
            cursor.executemany("UPDATE accounts_user SET full_name = %s", [("x",), (PASSWORD,)])
        connection.close()

    thread = Thread(target=write)
    thread.start()
    thread.join()

    assert places() == ["the database: UPDATE accounts_user SET"]


def test_a_jobs_arguments_are_seen(db: None) -> None:
    async_task("integrations.tasks.sync_due", PASSWORD)

    assert places() == [
        "a job: integrations.tasks.sync_due",
        "a row of django_q.OrmQ",
        'the database: INSERT INTO "django_q_ormq"',
    ]


def test_a_jobs_result_and_a_schedule_are_seen(db: None) -> None:
    now = timezone.now()
    Failure.objects.create(id="1", name="x", func="x", started=now, stopped=now, result=PASSWORD)
    Schedule.objects.create(func="x", kwargs=f"password='{PASSWORD}'")

    assert places() == [
        "a row of django_q.Failure",
        'the database: INSERT INTO "django_q_task"',
        "a row of django_q.Schedule",
        'the database: INSERT INTO "django_q_schedule"',
    ]


# --- Pages and mails ---------------------------------------------------------------------------


def shown(answer: Callable[[HttpRequest], HttpResponse]) -> HttpResponse:
    response = canary.watch_pages(answer)(RequestFactory().get("/x/"))
    assert isinstance(response, HttpResponse)
    return response


def test_pages_are_seen_whatever_their_status_and_their_headers_too() -> None:
    shown(lambda request: HttpResponse(PASSWORD, status=422))
    shown(lambda request: HttpResponse(headers={"Location": f"/?typed={PASSWORD}"}))

    assert places() == ["the page of GET /x/: 422", "the headers of GET /x/: 200"]


def test_a_message_for_the_next_page_is_seen_in_its_cookie() -> None:
    def answer(request: HttpRequest) -> HttpResponse:
        response = HttpResponse()
        response.set_cookie("messages", signing.dumps([PASSWORD] * 20, compress=True))
        return response

    shown(answer)

    assert places() == ["the headers of GET /x/: 200"]


def test_every_page_of_the_product_passes_there_and_what_is_typed_counts(
    client: Client, db: None
) -> None:
    typed = "zyxw vuts rqpo nmlk"

    answer = client.post(FORM, {"app_password": typed, "next": typed}, follow=True)

    assert answer.status_code == 200
    assert canary.take() == []
    assert found_in(typed) == [typed]


def test_the_mail_of_a_page_that_failed_is_seen(client: Client, tenant: Tenant) -> None:
    client.raise_request_exception = False

    def fail(*_: object) -> None:
        raise RuntimeError(PASSWORD)

    with connection.execute_wrapper(fail):
        answer = client.post("/accounts/login/", {"username": "a", "password": "b"})

    assert answer.status_code == 500
    assert places() == [
        "the error mail of /accounts/login/, as text",
        "the error mail of /accounts/login/, as HTML",
        "a log line of django.request",
    ]


def test_a_mail_is_seen() -> None:
    mail.send_mail("Welcome", f"Your password: {PASSWORD}", None, ["ana@example.test"])

    canary.look_at_mails()

    assert places() == ["a mail: Welcome"]
    mail.outbox.clear()


# --- Processes ---------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_what_a_process_wrote_is_seen() -> None:
    process = processes.start("deliver", PASSWORD)
    assert process.wait(60) == 2

    canary.look_at_processes()

    assert places() == ["what a process wrote"]


def test_the_bytes_of_a_database_are_seen(tmp_path: Path) -> None:
    held = tmp_path / "daybook.sqlite3"
    held.write_bytes(b"SQLite format 3\x00" + PASSWORD.encode())

    canary.look_at_files([held])

    assert canary.take() == [Hit("the bytes of daybook.sqlite3", PASSWORD)]


# --- The end of a test -------------------------------------------------------------------------

LEAKY = """
import logging
from tests.passwords import PASSWORD

def test_that_leaks():
    logging.getLogger("x").debug(PASSWORD)

def test_that_does_not():
    pass
"""


def test_a_test_that_lets_a_password_out_fails_and_the_next_does_not(tmp_path: Path) -> None:
    (tmp_path / "test_leaky.py").write_text(LEAKY)

    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
            *("--rootdir", ".", "-c", "pyproject.toml", str(tmp_path)),
        ],
        cwd=processes.REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert f"A password got out:\n  {PASSWORD} in a log line of x" in done.stdout
    assert "test_leaky.py::test_that_leaks" in done.stdout
    assert "2 passed, 1 error" in done.stdout
