from typing import Any

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest

from accounts.admin_brand import AgencyForm
from accounts.admin_forms import AgencyAdminForm, OneTenantForm
from accounts.admin_site import (
    AddedByAddress,
    AgencyScoped,
    AgencyScopedInline,
    SubAccountFilter,
)
from accounts.models import Agency, AgencyMember, Logo, Member, SubAccount, Throttle, User
from accounts.services.inviting import count_invitation
from accounts.services.memberships import agencies_left_alone, appoint, keep_an_agency_admin


@admin.register(Agency)
class AgencyAdmin(AgencyScoped):
    may = frozenset({"change"})
    form = AgencyForm
    fields = ["name", "colour", "logo", "logo_words"]
    search_fields = ["name"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        super().save_related(request, form, formsets, change)
        form.save_logo()


@admin.register(Logo)
class LogoAdmin(AgencyScoped):
    """To look at: it is chosen and removed on the agency's page."""

    fields = ["agency", "words", "kind", "width", "height", "digest"]
    list_display = ["agency", "kind", "width", "height"]
    list_filter = ["agency"]
    list_select_related = ["agency"]
    search_fields = ["words"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("content")


@admin.register(AgencyMember)
class AgencyMemberAdmin(AddedByAddress):
    """Appointed by e-mail address, so that nobody has to be listed to be found."""

    may = frozenset({"add", "delete"})
    fields = ["agency", "user"]
    list_display = ["user", "agency"]
    list_filter = ["agency"]
    list_select_related = ["user", "agency"]
    search_fields = ["user__email", "user__full_name"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ["agency", "user"] if obj else ["agency", "email"]

    def get_form(self, request: HttpRequest, obj: Any = None, *args: Any, **kwargs: Any) -> Any:
        kwargs["form"] = OneTenantForm if obj else AgencyAdminForm
        return super().get_form(request, obj, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        count_invitation(request.user)  # type: ignore[arg-type]
        seat = appoint(form.cleaned_data["email"], to=obj.agency)
        obj.pk, obj.user = seat.pk, seat.user

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        deleted, counts, missing, protected = super().get_deleted_objects(objs, request)
        names = Agency.objects.filter(pk__in=agencies_left_alone(list(objs)))
        protected += [f"The last admin of {name}: appoint another one first." for name in names]
        return deleted, counts, missing, protected

    @transaction.atomic
    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        keep_an_agency_admin([obj])
        obj.delete()

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        keep_an_agency_admin(list(queryset))
        queryset.delete()


@admin.register(SubAccount)
class SubAccountAdmin(AgencyScoped):
    may = frozenset({"add", "change"})
    fixed = ("agency",)
    fields = [
        *("agency", "name", "slug", "time_zone"),
        *("stale_after", "hides_external_details", "framed_by"),
    ]
    list_display = ["name", "agency", "slug", "time_zone", "hides_external_details"]
    list_filter = ["agency", "hides_external_details"]
    list_select_related = ["agency"]
    search_fields = ["name", "slug"]

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return {} if obj else {"slug": ["name"]}


class MembershipInline(AgencyScopedInline):
    """The sub-accounts a user belongs to, as far as they are the reader's to know."""

    model = Member
    fields = ["sub_account", "role"]


@admin.register(User)
class UserAdmin(AgencyScoped):
    """An agency changes who is its member, never who they are: they belong to others too."""

    fields = ["email", "full_name", "is_active", "joined_at"]
    readonly_fields = ["email", "joined_at"]
    list_display = ["email", "full_name", "is_active", "joined_at"]
    list_filter = ["is_active", SubAccountFilter]
    search_fields = ["email", "full_name"]
    inlines = [MembershipInline]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)


@admin.register(Throttle)
class ThrottleAdmin(AgencyScoped):
    """Counts of everybody's tries, not an agency's: for superusers."""

    fields = ["scope", "who", "window_starts_at", "count"]
    list_display = ["scope", "window_starts_at", "count"]
    list_filter = ["scope"]
    search_fields = ["scope"]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)
