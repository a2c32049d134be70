import pickle

import pytest

from integrations.caldav.errors import (
    REASONS,
    CalDAVError,
    Forbidden,
    NotFound,
    PreconditionFailed,
    Reason,
    RefusedAddress,
    Rejected,
    Throttled,
    TokenRejected,
    UidConflict,
    Unauthorized,
    Unreachable,
)


def test_every_reason_has_words() -> None:
    assert set(REASONS) == set(Reason)
    assert str(Unreachable(Reason.TLS)) == "The calendar server could not prove who it is (TLS)."


@pytest.mark.parametrize(
    "error",
    [
        Unauthorized(),
        Forbidden(preconditions=frozenset({"need-privileges"})),
        NotFound(status=410),
        PreconditionFailed(),
        UidConflict(status=409),
        TokenRejected(),
        Throttled(status=503, retry_after=2.5),
        Unreachable(Reason.TOO_LARGE, status=200),
        RefusedAddress(),
        Rejected(status=400),
    ],
)
def test_errors_survive_the_way_to_another_process(error: CalDAVError) -> None:
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes

    assert type(copy) is type(error)
    assert vars(copy) == vars(error)
    assert str(copy) == str(error) != ""
