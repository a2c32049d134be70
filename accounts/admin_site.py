"""Django admin for agency admins: every row it shows, offers or changes is their agency's."""

from collections.abc import Callable, Iterable
from functools import update_wrapper
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.utils import get_fields_from_path
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest

from accounts.admin_forms import OneTenantForm
from accounts.models import Agency, AgencyMember, Logo, Member, SubAccount, User
from accounts.services.throttling import TooOften
from accounts.tenancy import TenantModel


class DaybookAdminSite(admin.AdminSite):
    site_header = "Daybook for agencies"
    site_title = "Daybook"
    index_title = "Your agency"

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and getattr(request.user, "is_staff", False)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:  # noqa: FBT001, FBT002
        """Django sends everyone else to the sign-in page; who is signed in already gets a 403."""
        guarded: Callable[..., Any] = super().admin_view(view, cacheable)

        def gate(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if request.user.is_authenticated and not self.has_permission(request):
                raise PermissionDenied
            return guarded(request, *args, **kwargs)

        return update_wrapper(gate, guarded)

    def get_urls(self) -> list[Any]:
        # "View on site" finds any row of any model by its number, whoever asks; "autocomplete"
        # answers with what rows call themselves. No page here needs either.
        closed = {"view_on_site", "autocomplete"}
        return [url for url in super().get_urls() if getattr(url, "name", "") not in closed]

    def get_log_entries(self, request: HttpRequest) -> Any:
        """No list of recent actions: it would name rows that are out of reach by now."""
        return super().get_log_entries(request).none()

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Models of other packages: for superusers, to look at."""
        if admin_class is None or not issubclass(admin_class, AgencyScoped):
            base = admin_class or admin.ModelAdmin
            admin_class = type(base.__name__, (LookOnly, base), {})
        super().register(model_or_iterable, admin_class, **options)


def visible(model: type[models.Model], user: Any) -> "models.QuerySet[Any]":
    """The rows of `model` that this user may see in the admin; none unless a rule says so."""
    rows: models.QuerySet[Any] = model._default_manager.all()
    if user.is_superuser:
        return rows
    agencies = user.agencies()
    if issubclass(model, TenantModel):
        return model.objects.of_agencies(agencies)
    if model is SubAccount:
        return rows.filter(agency__in=agencies)
    if model is Agency:
        return rows.filter(pk__in=agencies.values("pk"))
    if model in (AgencyMember, Logo):
        return rows.filter(agency__in=agencies)
    if model is User:
        staff = Member.objects.of_agencies(agencies).values("user")
        admins = AgencyMember.objects.filter(agency__in=agencies).values("user")
        return rows.filter(models.Q(pk__in=staff) | models.Q(pk__in=admins))
    return rows.none()


class VisibleOnlyFilter(admin.RelatedFieldListFilter):
    """A filter beside a list that offers, and obeys, only what the user may see."""

    def has_output(self) -> bool:
        return True  # Django leaves a filter with one choice out, and then ignores its value too

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        rows = visible(field.remote_field.model, request.user)
        return [(row.pk, str(row)) for row in rows]

    def queryset(
        self, request: HttpRequest, queryset: "models.QuerySet[Any]"
    ) -> "models.QuerySet[Any] | None":
        known = {str(pk) for pk, _ in self.lookup_choices}
        if self.lookup_val and not known.issuperset(map(str, self.lookup_val)):
            return queryset.none()
        return super().queryset(request, queryset)


class SubAccountFilter(admin.SimpleListFilter):
    """Users by sub-account: of those the reader may see, and of accepted members only."""

    title = "sub-account"
    parameter_name = "sub_account"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [(str(row.pk), str(row)) for row in visible(SubAccount, request.user)]

    def has_output(self) -> bool:
        return True

    def queryset(
        self, request: HttpRequest, queryset: "models.QuerySet[Any]"
    ) -> "models.QuerySet[Any]":
        chosen = self.value()
        if chosen is None:
            return queryset
        if chosen not in {key for key, _ in self.lookup_choices}:
            return queryset.none()
        members = Member.objects.filter(sub_account=int(chosen))
        return queryset.filter(pk__in=members.values("user"))


class _Scope(BaseModelAdmin[Any]):
    """Limits rows, choices and permissions to `visible` rows, in pages and in their inlines.

    `may` names what agency admins can do beyond looking; a superuser is held to the same list, so
    that what must not be edited by hand is not edited by anyone. `fixed` fields are chosen once.
    """

    may: ClassVar[frozenset[str]] = frozenset()
    fixed: ClassVar[tuple[str, ...]] = ()
    form: Any = OneTenantForm

    def get_queryset(self, request: HttpRequest) -> "models.QuerySet[Any]":
        return visible(self.model, request.user).order_by(*self.get_ordering(request))

    def get_ordering(self, request: HttpRequest) -> Any:
        return super().get_ordering(request) or self.model._meta.ordering or ("pk",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = tuple(super().get_readonly_fields(request, obj))
        return fields + self.fixed if obj else fields

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["queryset"] = visible(db_field.remote_field.model, request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["queryset"] = visible(db_field.remote_field.model, request.user)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._reaches(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return "add" in self.may and self._reaches(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return "change" in self.may and self._reaches(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return "delete" in self.may and self._reaches(request, obj)

    def _reaches(self, request: HttpRequest, obj: Any) -> bool:
        if not self.admin_site.has_permission(request):
            return False
        return obj is None or visible(type(obj), request.user).filter(pk=obj.pk).exists()


class AgencyScoped(_Scope, admin.ModelAdmin[Any]):
    """Limits lists, forms, choices, actions and history to `visible` rows."""

    show_full_result_count = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_list_filter(self, request: HttpRequest) -> Any:
        return [self._filter(path) for path in super().get_list_filter(request)]

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        """Only what the filters beside the list send: any other would ask hidden columns."""
        return lookup in set(self._lookups())

    def _filter(self, path: Any) -> Any:
        if not isinstance(path, str):
            return path
        is_relation = get_fields_from_path(self.model, path)[-1].is_relation
        return (path, VisibleOnlyFilter) if is_relation else path

    def _lookups(self) -> Iterable[str]:
        for path in self.list_filter:
            if path is SubAccountFilter:
                yield SubAccountFilter.parameter_name
            else:
                yield from _lookups_of(str(path), get_fields_from_path(self.model, str(path))[-1])
        if self.date_hierarchy:
            yield from (f"{self.date_hierarchy}__{part}" for part in ("year", "month", "day"))


def _lookups_of(path: str, field: Any) -> Iterable[str]:
    """What Django's filter for this field sends. A relation is asked for by key alone: a range of
    keys is a question `VisibleOnlyFilter` does not see."""
    if field.is_relation:
        yield f"{path}__{field.target_field.name}__exact"
    elif isinstance(field, models.DateField):
        yield from (f"{path}__gte", f"{path}__lt")
    else:
        yield from (path, f"{path}__exact")
    if field.null:
        yield f"{path}__isnull"


class AgencyScopedInline(_Scope, admin.TabularInline[Any, Any]):
    extra = 0


class AddedByAddress(AgencyScoped):
    """Adding mails whoever is named, so nobody does it too often.

    `save_model` counts. The admin rolls back with a refused try its count too: the limit stays used
    up all the same.
    """

    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().add_view(request, *args, **kwargs)
        except TooOften as limit:
            self.message_user(request, str(limit), messages.ERROR)
            return self.response_post_save_add(request, self.model())


class LookOnly(admin.ModelAdmin[Any]):
    """For superusers, and without changes: queued jobs are signed pickles, so that editing one
    would run whatever it names."""

    actions = None

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_active and request.user.is_superuser

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
