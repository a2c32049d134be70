"""Looks for passwords of Apple accounts wherever a test leaves something; loaded with every run.

A test that lets one get into a log line, the database, a job, a page, an error mail, a mail or
what a process of its own wrote fails when it is over, though it looked for something else.
"""

import logging
import pickle
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.core.signals import got_request_exception
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.models.signals import pre_save
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.debug import ExceptionReporter

from tests import passwords, processes


@dataclass(frozen=True)
class Hit:
    """A password that was found, and where."""

    place: str
    password: str


_hits: list[Hit] = []


def look(place: str, text: str | bytes) -> None:
    """Note which passwords stand in it. From any thread."""
    _hits.extend(Hit(place, password) for password in passwords.found_in(text))


def take() -> list[Hit]:
    """What was found since the last call: each place once, in order."""
    found = list(dict.fromkeys(_hits))
    _hits.clear()
    return found


# --- Pytest ------------------------------------------------------------------------------------


@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    """Once Django is set up: put up the watches."""
    watch_logs()
    connection_created.connect(watch_database, dispatch_uid="canary")
    watch_jobs()
    settings.MIDDLEWARE.insert(0, "tests.canary.watch_pages")
    got_request_exception.connect(watch_errors, dispatch_uid="canary")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    passwords.forget()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> Iterator[None]:
    look_at_mails()
    look_at_processes(is_last=nextitem is None)
    yield
    if found := take():
        lines = "".join(f"\n  {hit.password} in {hit.place}" for hit in found)
        pytest.fail(f"A password got out:{lines}", pytrace=False)


# --- Log lines ---------------------------------------------------------------------------------


class LogWatch(logging.Handler):
    """Sees every line as the product would write it with `LOG_LEVEL=DEBUG`."""

    def emit(self, record: logging.LogRecord) -> None:
        look(f"a log line of {record.name}", self.format(record))


def watch_logs() -> None:
    """What is silenced by the product (the CalDAV libraries) or by Django's own defaults (below
    INFO, whatever the root's level) is not written in production either and stays so here."""
    root = logging.getLogger()
    [console] = [handler for handler in root.handlers if handler.get_name() == "console"]
    watch = LogWatch()
    watch.setFormatter(console.formatter)
    root.addHandler(watch)
    root.setLevel(logging.DEBUG)


# --- The database ------------------------------------------------------------------------------


def watch_database(connection: BaseDatabaseWrapper, **_: object) -> None:
    """Every connection of every thread."""
    if look_at_write not in connection.execute_wrappers:
        # In front: a test's own wrapper is taken off from the end.
        connection.execute_wrappers.insert(0, look_at_write)


def look_at_write(
    execute: Callable[..., Any],
    sql: str,
    params: Any,
    many: bool,  # noqa: FBT001 -- Django's signature
    context: dict[str, Any],
) -> Any:
    words = str(sql).split(maxsplit=3)
    if words and words[0].upper() in {"INSERT", "UPDATE"}:
        rows = params if many else [params]
        place = f"the database: {' '.join(words[:3])}"
        look(place, b"\n".join(_values([sql, *(value for row in rows for value in _row(row))])))
    return execute(sql, params, many, context)


def _row(params: Any) -> Iterable[object]:
    return params.values() if isinstance(params, dict) else params or ()


def _values(values: Iterable[object]) -> Iterator[bytes]:
    for value in values:
        match value:
            case str():
                yield value.encode(errors="replace")
            case bytes() | bytearray() | memoryview():
                yield bytes(value)
            case None | int() | float():
                continue
            case _:
                yield str(value).encode(errors="replace")


# --- Jobs --------------------------------------------------------------------------------------


def watch_jobs() -> None:
    """Arguments and results, as objects: what is pickled may say more than its `repr`."""
    from django_q import models, signals

    signals.pre_enqueue.connect(look_at_job, dispatch_uid="canary")
    for model in (models.OrmQ, models.Task, models.Success, models.Failure, models.Schedule):
        pre_save.connect(look_at_row, sender=model, dispatch_uid="canary")


def look_at_job(task: dict[str, Any], **_: object) -> None:
    look(f"a job: {task.get('func')}", pickle.dumps(task))


def look_at_row(instance: Any, **_: object) -> None:
    names = [field.attname for field in instance._meta.concrete_fields]
    held = [getattr(instance, name) for name in names]
    unpacked = [instance.task] if hasattr(instance, "payload") else []
    look(f"a row of {instance._meta.label}", pickle.dumps([*held, *unpacked]))


# --- Pages, and what is mailed of a page that failed --------------------------------------------


def watch_pages(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """A middleware outside all others. What is typed as a password counts from then on."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.method == "POST":
            passwords.watch(request.POST.get("app_password", "").strip())
        response = get_response(request)
        place = f"{request.method} {request.path}: {response.status_code}"
        look(f"the headers of {place}", f"{response.headers}\n{response.cookies}")
        if isinstance(response, HttpResponse):
            look(f"the page of {place}", response.content)
        return response

    return middleware


def watch_errors(request: HttpRequest, **_: object) -> None:
    """The mail Django writes to `ADMINS`, with the variables of every frame. Only pages are mailed
    like that: of a job that fails, the traceback without variables is logged and stored, which
    the watches on lines and rows see."""
    kind, error, traceback = sys.exc_info()
    reporter = ExceptionReporter(request, kind, error, traceback, is_email=True)
    look(f"the error mail of {request.path}, as text", reporter.get_traceback_text())
    look(f"the error mail of {request.path}, as HTML", reporter.get_traceback_html())


# --- What is left when a test is over ----------------------------------------------------------


def look_at_mails() -> None:
    for message in getattr(mail, "outbox", []):
        look(f"a mail: {message.subject}", f"{message.body}\n{message.message().as_string()}")


def look_at_processes(*, is_last: bool = False) -> None:
    """What processes of a test wrote; with it, or at the end of the run, the database's bytes."""
    logs = processes.take_logs()
    for path in logs:
        look("what a process wrote", path.read_bytes())
    if (logs or is_last) and connection.vendor == "sqlite":
        look_at_files(_database_files())


def look_at_files(paths: Sequence[Path]) -> None:
    for path in paths:
        look(f"the bytes of {path.name}", path.read_bytes())


def _database_files() -> list[Path]:
    name = str(connection.settings_dict["NAME"])
    return [path for path in (Path(name), Path(f"{name}-wal")) if path.exists()]
