"""People come in by e-mail address, change roles, and leave nobody without an admin."""

from functools import partial

from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts.models import Agency, AgencyMember, Member, SubAccount, User
from accounts.services.inviting import send_agency_admin_notice, send_invitation


class AlreadyMember(Exception):
    """This person is a member there already."""


class LastAdmin(Exception):
    """Nobody would be left to administer the sub-account or the agency."""


@transaction.atomic
def invite(email: str, *, to: SubAccount, role: str, time_zone: str = "") -> Member:
    """Ask whoever has this address to be a member. Raises `AlreadyMember`.

    They are one once they accept; somebody new to Daybook does so by setting their first password
    with the link that is mailed to them. An account that exists stays as it is. Asked again, an
    open invitation takes the new role and is mailed again.
    """
    offer = {"role": role, "time_zone": time_zone}
    member, is_new = Member.including_invited.get_or_create(
        sub_account=to, user=_person(email), defaults={**offer, "accepted_at": None}
    )
    if member.accepted_at:
        raise AlreadyMember
    if not is_new:
        Member.including_invited.invited().filter(pk=member.pk).update(**offer)
    transaction.on_commit(partial(send_invitation, member), robust=True)
    return member


@transaction.atomic
def appoint(email: str, *, to: Agency) -> AgencyMember:
    """Make whoever has this address an admin of the agency. Raises `AlreadyMember`."""
    seat, is_new = AgencyMember.objects.get_or_create(agency=to, user=_person(email))
    if not is_new:
        raise AlreadyMember
    transaction.on_commit(partial(send_agency_admin_notice, seat), robust=True)
    return seat


@transaction.atomic
def change_role(member: Member, role: str) -> None:
    """Raises `LastAdmin`."""
    # The member before the sub-account, as wherever both are locked: no deadlock.
    Member.objects.select_for_update().get(pk=member.pk)
    if role != Member.Role.ADMIN:
        keep_an_admin(member)
    member.role = role
    member.save(update_fields=["role"])


def keep_an_admin(leaving: Member) -> None:
    """Raise `LastAdmin` if the sub-account has no other active admin than this one.

    Call it inside the transaction in which they leave: it locks the sub-account, so that two
    admins can't leave at the same moment.
    """
    SubAccount.objects.select_for_update().get(pk=leaving.sub_account_id)
    leaving.refresh_from_db(fields=["role"])
    if is_last_admin(leaving):
        raise LastAdmin


def is_last_admin(member: Member) -> bool:
    return member.sub_account_id in sub_accounts_left_alone([member])


def sub_accounts_left_alone(leaving: list[Member]) -> set[int]:
    """Sub-accounts (primary keys) whose active admins are all among these members."""
    losing = {member.sub_account_id for member in leaving if member.is_admin}
    staying = Member.objects.active().filter(sub_account__in=losing, role=Member.Role.ADMIN)
    staying = staying.exclude(pk__in=[member.pk for member in leaving])
    return losing - set(staying.values_list("sub_account_id", flat=True))


def keep_an_agency_admin(leaving: list[AgencyMember]) -> None:
    """Raise `LastAdmin` if one of these agencies has no other active admin than these.

    Call it inside the transaction in which they leave.
    """
    agencies = {seat.agency_id for seat in leaving}
    list(Agency.objects.select_for_update().filter(pk__in=agencies))
    if agencies_left_alone(leaving):
        raise LastAdmin


def agencies_left_alone(leaving: list[AgencyMember]) -> set[int]:
    """Agencies (primary keys) whose active admins are all among these."""
    agencies = {seat.agency_id for seat in leaving}
    staying = AgencyMember.objects.filter(agency__in=agencies, user__is_active=True)
    staying = staying.exclude(pk__in=[seat.pk for seat in leaving])
    return agencies - set(staying.values_list("agency_id", flat=True))


def _person(email: str) -> User:
    address = email.strip().lower()
    # Not looked up and then created: two invitations at once would both create.
    person, _ = User.objects.get_or_create(
        email=address, defaults={"password": make_password(None)}
    )
    return person
