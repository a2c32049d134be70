from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.forms import InvitationForm, ProfileForm, RoleForm
from accounts.middleware import SignedInRequest, TenantRequest
from accounts.models import Member
from accounts.roles import sub_account_admin_required
from accounts.services.inviting import count_invitation
from accounts.services.memberships import AlreadyMember, LastAdmin, change_role, invite
from accounts.services.throttling import TooOften

NOW = {
    Member.Role.ADMIN: gettext_noop("%(name)s is sub-account admin now."),
    Member.Role.USER: gettext_noop("%(name)s is sub-account user now."),
}


@require_GET
@login_required
def home(request: SignedInRequest) -> HttpResponse:
    mine = Member.objects.filter(user=request.user).select_related("sub_account")
    first = mine.order_by("sub_account__name", "pk").first()
    if first:
        return redirect("calendars:week", sub_account=first.sub_account.slug)
    if request.user.is_staff:
        return redirect("admin:index")
    invitations = Member.including_invited.to_answer(request.user)
    return render(request, "accounts/no_sub_account.html", {"invitations": invitations})


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: TenantRequest, sub_account: str) -> HttpResponse:
    form = ProfileForm(request.POST or None, instance=request.member)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Your profile is saved."))
        return redirect("accounts:profile", sub_account)
    status = 422 if request.method == "POST" else 200
    is_invited = Member.including_invited.to_answer(request.user).exists()
    shown = {"form": form, "is_invited": is_invited}
    return render(request, "accounts/profile.html", shown, status=status)


@require_GET
def team(request: TenantRequest, sub_account: str) -> HttpResponse:
    return _team_page(request, InvitationForm())


@require_POST
@sub_account_admin_required
def team_add(request: TenantRequest, sub_account: str) -> HttpResponse:
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return _team_page(request, form, status=422)
    email = form.cleaned_data["email"]
    try:
        count_invitation(request.user)
        invite(email, to=request.sub_account, role=form.cleaned_data["role"])
    except AlreadyMember:
        form.add_error("email", _("This person is a member already."))
        return _team_page(request, form, status=422)
    except TooOften as limit:
        form.add_error(None, str(limit))
        return _team_page(request, form, status=422)
    said = _("%(email)s is invited and has been sent an e-mail.")
    messages.success(request, said % {"email": email})
    return redirect("accounts:team", sub_account)


@require_POST
@sub_account_admin_required
def team_role(request: TenantRequest, sub_account: str, pk: int) -> HttpResponse:
    member = get_object_or_404(Member.objects.within(request.sub_account), pk=pk)
    form = RoleForm(request.POST, instance=member)
    if not form.is_valid():
        messages.error(request, _("That is not a role. Nothing has been changed."))
        return redirect("accounts:team", sub_account)
    try:
        change_role(member, form.cleaned_data["role"])
    except LastAdmin:
        messages.error(request, _("A sub-account needs an admin. Make someone else one first."))
    else:
        messages.success(request, _(NOW[Member.Role(member.role)]) % {"name": member.user})
    return redirect("accounts:team", sub_account)


@require_POST
@sub_account_admin_required
def team_withdraw(request: TenantRequest, sub_account: str, pk: int) -> HttpResponse:
    everyone = Member.including_invited.within(request.sub_account)
    get_object_or_404(everyone, pk=pk)
    # Not the row just read: accepted meanwhile, it is a member to be removed in the proper way.
    withdrawn, _rows = everyone.invited().filter(pk=pk).delete()
    if withdrawn:
        messages.success(request, _("The invitation is withdrawn."))
    else:
        messages.error(request, _("That invitation has been accepted. Remove the member instead."))
    return redirect("accounts:team", sub_account)


def _team_page(request: TenantRequest, form: InvitationForm, *, status: int = 200) -> HttpResponse:
    members = Member.objects.within(request.sub_account).select_related("user")
    rows = [(member, RoleForm(instance=member, auto_id=f"id_{member.pk}_%s")) for member in members]
    everyone = Member.including_invited.within(request.sub_account).select_related("user")
    invited = everyone.invited().order_by("user__email") if request.member.is_admin else []
    shown = {"rows": rows, "invitations": invited, "form": form}
    return render(request, "accounts/team.html", shown, status=status)
