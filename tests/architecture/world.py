"""Two agencies full of rows, and the people who have business in them or none."""

from collections.abc import Callable
from dataclasses import dataclass

from django.test import Client

from accounts.models import Member, SubAccount, User
from tests.architecture.rows import Rows, rows_of
from tests.conftest import Tenant, make_tenant, make_user

SignIn = Callable[[User], Client]


@dataclass
class World:
    """`sibling` is another sub-account of the first agency, with its own admin."""

    here: Tenant
    rows: Rows
    there: Tenant
    other_rows: Rows
    sibling: SubAccount
    sibling_admin: User
    superuser: User

    @property
    def outsiders(self) -> list[User]:
        """Everyone who is signed in and has no business in `here`'s sub-account."""
        there = [self.there.owner, self.there.admin, self.there.agency_admin]
        return [self.sibling_admin, self.here.agency_admin, *there]


def make_world() -> World:
    here, there = make_tenant("riverside"), make_tenant("hillside")
    sibling = SubAccount.objects.create(agency=here.agency, name="Lakeside", slug="lakeside")
    sibling_admin = make_user("admin@lakeside.test")
    Member.objects.create(sub_account=sibling, user=sibling_admin, role=Member.Role.ADMIN)
    superuser = User.objects.create_superuser("root@daybook.test")
    return World(here, rows_of(here), there, rows_of(there), sibling, sibling_admin, superuser)
