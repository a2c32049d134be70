"""Who may do what. Roles are read at each request: a change counts from the next one on.

| | Sub-account user | Sub-account admin | Agency admin | Superuser |
|---|---|---|---|---|
| Enter a sub-account's pages | its members | its members | as a member | as a member |
| Own profile, time zone, password | yes | yes | yes | yes |
| Own connections and calendar configuration | yes | yes | – | – |
| See who is on the team | yes | yes | in Django admin | in Django admin |
| Invite a member, change a role, remove a member | – | yes | in Django admin | in Django admin |
| Own default hours; time blocked by hand | yes | yes | hours in Django admin | as agency admins |
| Change a calendar's settings | those they host | yes | in Django admin | in Django admin |
| Make calendars; add, order and remove hosts | – | yes | in Django admin | in Django admin |
| A host's hours for one calendar | own | everybody's | in Django admin | in Django admin |
| Titles of one's own iCloud events | yes | yes | – | – |
| Titles of a colleague's iCloud events | if the sub-account shows them | as users | – | – |
| Health of all connections; sync, pause, resume, disconnect | – | – | of the agency | all |
| Add and change sub-accounts, appoint agency admins | – | – | of the agency | all |
| Found an agency, deactivate a user | – | – | – | yes |
| Read a stored password | – | – | – | – |
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse

from accounts.middleware import TenantRequest

Arguments = ParamSpec("Arguments")
View = Callable[Concatenate[TenantRequest, Arguments], HttpResponse]


def sub_account_admin_required(view: View[Arguments]) -> View[Arguments]:
    """Let the sub-account's admins through the view; its other members get a 403."""

    @wraps(view)
    def gated(
        request: TenantRequest, /, *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> HttpResponse:
        if not request.member.is_admin:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return gated
