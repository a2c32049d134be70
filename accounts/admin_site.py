"""Django admin for agency admins: every row it shows, offers or changes is their agency's."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from accounts.models import Agency, AgencyMember, Member, SubAccount, User
from accounts.tenancy import TenantModel

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin


class DaybookAdminSite(admin.AdminSite):
    site_header = "Daybook for agencies"
    site_title = "Daybook"
    index_title = "Your agency"

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and getattr(request.user, "is_staff", False)


def visible(model: type[models.Model], user: Any) -> "models.QuerySet[Any]":
    """The rows of `model` that this user may see in the admin; none where no rule says otherwise."""
    rows: models.QuerySet[Any] = model._default_manager.all()
    if user.is_superuser:
        return rows
    agencies = user.agencies()
    if issubclass(model, TenantModel):
        return model.objects.filter(pk__in=model.objects.of_agencies(agencies).values("pk"))
    if model is SubAccount:
        return rows.filter(agency__in=agencies)
    if model is Agency:
        return rows.filter(pk__in=agencies.values("pk"))
    if model is AgencyMember:
        return rows.filter(agency__in=agencies)
    if model is User:
        staff = Member.objects.of_agencies(agencies).values("user")
        admins = AgencyMember.objects.filter(agency__in=agencies).values("user")
        return rows.filter(models.Q(pk__in=staff) | models.Q(pk__in=admins))
    return rows.none()


class AgencyScoped(ModelAdmin):
    """Limits lists, forms, choices, actions and history to `visible` rows.

    `may` names what agency admins can do beyond looking; a superuser is held to the same list, so
    that what must not be edited by hand is not edited by anyone.
    """

    may: ClassVar[frozenset[str]] = frozenset()

    def get_queryset(self, request: HttpRequest) -> "models.QuerySet[Any]":
        rows = visible(self.model, request.user)
        return rows.order_by(*self.get_ordering(request)) if self.get_ordering(request) else rows

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["queryset"] = visible(db_field.remote_field.model, request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["queryset"] = visible(db_field.remote_field.model, request.user)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.admin_site.has_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._reaches(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return "add" in self.may and self.admin_site.has_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return "change" in self.may and self._reaches(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return "delete" in self.may and self._reaches(request, obj)

    def _reaches(self, request: HttpRequest, obj: Any) -> bool:
        if not self.admin_site.has_permission(request):
            return False
        return obj is None or visible(self.model, request.user).filter(pk=obj.pk).exists()
