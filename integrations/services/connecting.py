"""Connect an account, give it a new password, and keep the list of its calendars."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_variables

from accounts.models import Member, SubAccount, User
from calendars.models import BusySource
from integrations.caldav.discovery import Account, CalendarListing
from integrations.caldav.errors import Unauthorized
from integrations.models import (
    Connection,
    RemoteAccount,
    RemoteCalendar,
    RemoteEvent,
    an_interval_ahead,
)
from integrations.services import leasing
from integrations.services.clients import SecretLost, client_of
from integrations.services.failing import unchanged
from integrations.services.proving import (
    KEY_LOST,
    LONGEST_PATH,
    PROOF,
    ConnectingError,
    NotProved,
    canonical_apple_id,
    canonical_password,
    find,
    in_words,
    prove,
)
from integrations.services.scheduling import sync_soon
from integrations.services.verdicts import RECHECK_REFUSAL_AFTER

GONE_AFTER = timedelta(minutes=10)


class AlreadyConnected(ConnectingError):
    """The user has this account in this sub-account, maybe under another of its addresses."""

    def __init__(self, name: str) -> None:
        super().__init__(
            gettext(
                "This iCloud account is connected here already, as %(name)s. To give it a new "
                "password, choose “Replace password” on that connection."
            )
            % {"name": name}
        )


class AnotherAccount(ConnectingError):
    """The password opens an account other than the connected one."""

    def __init__(self, name: str) -> None:
        super().__init__(
            gettext(
                "This password belongs to another iCloud account than %(name)s was connected to. "
                "To connect that one too, choose “Add New”."
            )
            % {"name": name}
        )


class NotAMember(ConnectingError):
    """The user left the sub-account while the password was being proved."""

    def __init__(self) -> None:
        super().__init__(gettext("You are no longer a member of this sub-account."))


class Disconnected(ConnectingError):
    """The connection was disconnected while the password was being proved."""

    def __init__(self) -> None:
        super().__init__(gettext("This account was disconnected meanwhile. Connect it anew."))


class BeingRead(ConnectingError):
    """A sync of this account is under way."""

    def __init__(self) -> None:
        super().__init__(
            gettext(
                "This account is being synced right now; "
                "its list of calendars is refreshed with it."
            )
        )


@sensitive_variables("password")
def connect(*, user: User, sub_account: SubAccount, apple_id: str, password: str) -> Connection:
    """Connect an iCloud account, proved before anything is saved.

    A connection to it that was disconnected, or is being so, comes back, with the calendars it
    knew. Raises NotProved, AlreadyConnected, NotAMember.
    """
    apple_id, password = canonical_apple_id(apple_id), canonical_password(password)
    account = prove(apple_id, password)
    with transaction.atomic():
        # Proving took seconds: somebody removed meanwhile leaves no secret behind.
        if not _locked_member(user, sub_account):
            raise NotAMember
        remote_account = _remote_account(account)
        known = Connection.objects.within(sub_account).filter(
            user=user, remote_account=remote_account
        )
        staying = known.staying().first()
        if staying:
            raise AlreadyConnected(staying.account_name)
        connection = known.last() or Connection(
            user=user, sub_account=sub_account, remote_account=remote_account
        )
        connection.account_name, connection.secret = apple_id, password
        connection.frees_deleted = connection.cancels_deleted = False
        try:
            with transaction.atomic():
                _sign_in(connection, account)
        except IntegrityError as twice:
            raise AlreadyConnected(apple_id) from twice
    return connection


@sensitive_variables("password")
def replace_password(connection: Connection, password: str, *, apple_id: str = "") -> None:
    """Give a connection a new password, proved first; every choice of calendars stays.

    `apple_id` is another address of the same account, where the one it was connected with does not
    sign in any more. Raises NotProved, AnotherAccount, and Disconnected where that happened
    meanwhile.
    """
    password = canonical_password(password)
    name = canonical_apple_id(apple_id) or connection.account_name
    account = prove(name, password)
    if account.principal_path != connection.remote_account.principal_path:
        raise AnotherAccount(connection.account_name)
    with transaction.atomic():
        _remote_account(account)
        current = Connection.objects.select_for_update().staying().filter(pk=connection.pk).first()
        if current is None:
            raise Disconnected
        current.account_name, current.secret = name, password
        _sign_in(current, account)


def refresh_calendars(connection: Connection) -> None:
    """Ask iCloud now which calendars the account has. Raises ConnectingError."""
    try:
        with leasing.held(connection.remote_account):
            account = _find_again(connection)
    except leasing.NotNow as busy:
        raise BeingRead from busy
    if account.principal_path != connection.remote_account.principal_path:
        raise AnotherAccount(connection.account_name)
    with transaction.atomic():
        _remote_account(account)
        Connection.objects.filter(pk=connection.pk).update(home_path=account.home_path)
        record_listing(connection, account.calendars, now=timezone.now())


@transaction.atomic
def record_listing(
    connection: Connection, calendars: Sequence[CalendarListing], *, now: datetime
) -> None:
    """Make the connection's calendars those of a listing, known by path. None is ever deleted:
    one that is absent keeps its choices and notes since when it is missing."""
    known = {row.path: row for row in connection.calendars.select_related("busy_source")}
    some_were_missing = any(row.missing_since for row in known.values())
    for position, listing in enumerate(calendars):
        if len(listing.path) > LONGEST_PATH:
            continue
        facts = _facts(listing, position)
        row = known.pop(listing.path, None)
        if row is None:
            RemoteCalendar.objects.get_or_create(
                connection=connection, path=listing.path, defaults=facts
            )
        else:
            _update(row, facts)
    absent = [row.pk for row in known.values() if row.missing_since is None]
    RemoteCalendar.objects.filter(pk__in=absent).update(missing_since=now)
    if some_were_missing:
        _note_gone(connection, now)


def _note_gone(connection: Connection, now: datetime) -> None:
    """A calendar missing from good listings ten minutes apart is gone, and not merely unread."""
    feeds = BusySource.objects.filter(remote_calendar__connection=connection)
    gone = feeds.filter(remote_calendar__missing_since__lte=now - GONE_AFTER)
    gone.filter(gone_at=None).update(gone_at=now)
    back = feeds.filter(remote_calendar__missing_since=None).exclude(gone_at=None)
    # What it blocked was frozen meanwhile, or freed: it follows from its events again.
    events = RemoteEvent.objects.filter(remote_calendar__busy_source__in=back, missing_since=None)
    events.exclude(raw="").update(is_applied=False)
    # What was taken for gone with it is not among them: it is read from the start.
    RemoteCalendar.objects.filter(busy_source__in=back).update(sync_token="", poll_marker="")
    back.update(gone_at=None)


def _facts(listing: CalendarListing, position: int) -> dict[str, Any]:
    return {
        "name": listing.name,
        "color": listing.color,
        "kind": RemoteCalendar.Kind(listing.kind),
        "can_write": listing.can_write,
        "is_shared": listing.is_shared,
        "position": position if listing.order is None else listing.order,
        "missing_since": None,
    }


def _update(row: RemoteCalendar, facts: dict[str, Any]) -> None:
    changed = [name for name, value in facts.items() if getattr(row, name) != value]
    if not changed:
        return
    for name in changed:
        setattr(row, name, facts[name])
    row.save(update_fields=changed)
    if "name" in changed and row.busy_source_id:
        BusySource.objects.filter(pk=row.busy_source_id).update(name=str(row))


def _sign_in(connection: Connection, account: Account) -> None:
    """Save a connection that was just proved, with the calendars found, and have it read.

    One that was paused stays so: a new password is not a wish to go on.
    """
    connection.home_path = account.home_path
    if connection.state != Connection.State.PAUSED:
        connection.state = Connection.State.CONNECTED
    connection.problem = Connection.Problem.NONE
    connection.failing_since = None
    connection.failures = 0
    connection.leaving_since = None
    connection.signed_in_at = timezone.now()
    connection.next_poll_at = an_interval_ahead()
    connection.save()
    record_listing(connection, account.calendars, now=timezone.now())
    sync_soon(connection)


def _locked_member(user: User, sub_account: SubAccount) -> bool:
    members = Member.objects.select_for_update().filter(user=user, sub_account=sub_account)
    return members.first() is not None


def _find_again(connection: Connection) -> Account:
    """Discover with the stored password; a refusal is noted, so that it is not tried again soon."""
    with in_words(connection.secret):
        try:
            with client_of(connection, limits=PROOF) as client:
                return find(client)
        except SecretLost:
            raise NotProved(gettext(KEY_LOST)) from None
        except Unauthorized:
            now = timezone.now()
            unchanged(connection).update(
                problem=Connection.Problem.REFUSED,
                failing_since=connection.failing_since or now,
                next_poll_at=now + RECHECK_REFUSAL_AFTER,
            )
            raise


def _remote_account(account: Account) -> RemoteAccount:
    """The account's one row, locked: two people connecting it at once take turns."""
    addresses = sorted(account.addresses)
    row, _ = RemoteAccount.objects.get_or_create(
        provider=RemoteAccount.Provider.ICLOUD,
        principal_path=account.principal_path,
        defaults={"addresses": addresses},
    )
    locked = RemoteAccount.objects.select_for_update(no_key=True).get(pk=row.pk)
    if locked.addresses != addresses:
        locked.addresses = addresses
        locked.save(update_fields=["addresses"])
    return locked
