"""Who reads the details of somebody's blocked time. Everybody else reads “Busy”."""

from django.utils.translation import gettext_noop

from accounts.models import Member

BUSY = gettext_noop("Busy")


def sees_details(viewer: Member, *, of: int) -> bool:
    """Whether the viewer may read titles of blocked slots of the user with primary key `of`.

    One's own always; a colleague's where the sub-account does not hide them. Agency admins and
    superusers never read a colleague's.
    """
    if viewer.user_id == of:
        return True
    if viewer.sub_account.hides_external_details:
        return False
    return not (viewer.user.is_superuser or viewer.user.is_agency_admin)
