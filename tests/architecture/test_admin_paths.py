"""What the admin's lists search and filter by lies on the row or ahead of it."""

from collections.abc import Iterator

import pytest
from django.contrib.admin.utils import get_fields_from_path

from accounts.models import User
from integrations.models import RemoteAccount
from tests.architecture.admin_pages import MODELS, Model, name, scoped

# A row found backwards may be another tenant's: an iCloud account is shared, a user belongs twice.
BACKWARDS = [
    (User, "member__sub_account"),
    (User, "member__sub_account__name"),
    (RemoteAccount, "connections__account_name"),
]


def goes_backwards(model: Model, path: str) -> bool:
    fields = get_fields_from_path(model, path.lstrip("^=@"))
    return any(field.auto_created and not field.concrete for field in fields)


def paths_of(model: Model) -> Iterator[str]:
    options = scoped(model)
    yield from options.search_fields
    yield from (path for path in options.list_filter if isinstance(path, str))
    if options.date_hierarchy:
        yield options.date_hierarchy


@pytest.mark.parametrize("model", MODELS, ids=name)
def test_no_search_or_filter_goes_backwards_along_a_relation(model: Model) -> None:
    assert [path for path in paths_of(model) if goes_backwards(model, path)] == []


@pytest.mark.parametrize(("model", "path"), BACKWARDS)
def test_a_path_backwards_is_noticed(model: Model, path: str) -> None:
    assert goes_backwards(model, path)
