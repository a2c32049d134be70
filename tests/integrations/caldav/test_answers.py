import gzip
import zlib
from datetime import UTC, datetime

import pytest

from integrations.caldav.answers import Answer, gather, preconditions, problem, seconds, strong
from integrations.caldav.errors import (
    CalDAVError,
    Forbidden,
    NotFound,
    PreconditionFailed,
    Reason,
    Rejected,
    Throttled,
    UidConflict,
    Unauthorized,
    Unreachable,
)

CONFLICT = (
    b'<error xmlns="DAV:"><C:no-uid-conflict xmlns:C="urn:ietf:params:xml:ns:caldav">'
    b"<href>/1/other/x.ics</href></C:no-uid-conflict></error>"
)
APPLE_CONFLICT = (
    b'<error xmlns="DAV:"><unique-scheduling-object-resource '
    b'xmlns="urn:ietf:params:xml:ns:caldav"/></error>'
)
OLD_TOKEN = b'<d:error xmlns:d="DAV:"><d:valid-sync-token/></d:error>'


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, Rejected),
        (401, Unauthorized),
        (403, Forbidden),
        (404, NotFound),
        (409, Rejected),
        (410, NotFound),
        (412, PreconditionFailed),
        (413, Rejected),
        (429, Throttled),
        (503, Throttled),
    ],
)
def test_each_status_has_its_error(status: int, error: type[CalDAVError]) -> None:
    found = problem(Answer(status, {}, b""), conditional=True)

    assert type(found) is error
    assert found.status == status


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (500, Reason.SERVER_ERROR),
        (502, Reason.SERVER_ERROR),
        (507, Reason.SERVER_ERROR),
        (200, Reason.NOT_CALDAV),
        (304, Reason.NOT_CALDAV),
    ],
)
def test_other_statuses_make_the_server_unreachable(status: int, reason: Reason) -> None:
    found = problem(Answer(status, {}, b"<html>"), conditional=False)

    assert isinstance(found, Unreachable)
    assert (found.reason, found.status) == (reason, status)


@pytest.mark.parametrize("status", [403, 409, 412, 507])
@pytest.mark.parametrize("body", [CONFLICT, APPLE_CONFLICT])
def test_a_uid_in_use_is_read_from_the_precondition_not_the_status(
    status: int, body: bytes
) -> None:
    found = problem(Answer(status, {}, body), conditional=True)

    assert isinstance(found, UidConflict)
    assert found.status == status


def test_a_412_without_condition_is_a_mere_rejection() -> None:
    found = problem(Answer(412, {}, b""), conditional=False)

    assert isinstance(found, Rejected)


def test_a_403_names_its_preconditions() -> None:
    found = problem(Answer(403, {}, OLD_TOKEN), conditional=False)

    assert isinstance(found, Forbidden)
    assert found.preconditions == {"valid-sync-token"}


@pytest.mark.parametrize("body", [b"", b"<html/>", b"no XML", b"<error xmlns='DAV:'/>"])
def test_a_body_that_is_no_error_names_no_preconditions(body: bytes) -> None:
    assert preconditions(body) == frozenset()


def test_words_of_the_server_do_not_come_through_as_preconditions() -> None:
    body = b'<error xmlns="DAV:"><Secret_42/><valid-sync-token/><!-- x --></error>'

    assert preconditions(body) == {"valid-sync-token"}


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Sat, 21 Nov 2026 10:01:30 GMT", 90.0),
        ("Sat, 21 Nov 2026 09:00:00 GMT", 0.0),
        ("99999999999999", 86400.0),
        ("9" * 400, 86400.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86400.0),
        ("-5", None),
        ("²", None),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_is_read_in_both_forms(header: str, expected: float | None) -> None:
    assert seconds(header, now=datetime(2026, 11, 21, 10, 0, tzinfo=UTC)) == expected


@pytest.mark.parametrize(
    ("header", "etag"),
    [('"a"', '"a"'), (' "a" ', '"a"'), ("a", "a"), ('W/"a"', None), ("", None), ('"é"', None)],
)
def test_only_a_strong_etag_counts(header: str, etag: str | None) -> None:
    assert strong(header) == etag


def test_a_body_may_be_as_large_as_the_limit() -> None:
    assert gather([b"abc", b"de"], encoding="", at_most=5) == b"abcde"


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_a_larger_body_is_refused(encoding: str) -> None:
    body = gzip.compress(b"abcdef") if encoding else b"abcdef"

    with pytest.raises(Unreachable) as caught:
        gather([body], encoding=encoding, at_most=5)

    assert caught.value.reason is Reason.TOO_LARGE


def test_compression_is_undone_as_it_comes() -> None:
    packed = gzip.compress(b"BEGIN:VCALENDAR")

    assert gather([packed[:9], packed[9:]], encoding="gzip", at_most=99) == b"BEGIN:VCALENDAR"


@pytest.mark.parametrize(
    ("body", "encoding", "reason"),
    [
        (b"plain", "gzip", Reason.NOT_CALDAV),
        (zlib.compress(b"a"), "gzip", Reason.NOT_CALDAV),
        (b"a", "br", Reason.NOT_CALDAV),
        (gzip.compress(b"a" * 99)[:20], "gzip", Reason.CONNECTION),
    ],
    ids=["not packed", "packed otherwise", "unasked", "cut short"],
)
def test_compression_that_is_broken_or_unasked_is_refused(
    body: bytes, encoding: str, reason: Reason
) -> None:
    with pytest.raises(Unreachable) as caught:
        gather([body], encoding=encoding, at_most=999)

    assert caught.value.reason is reason
    assert caught.value.__context__ is None
