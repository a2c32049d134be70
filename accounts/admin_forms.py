"""Forms of the admin. All of them check that what belongs together is of one sub-account."""

from functools import reduce
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.models import InlineForeignKeyField

from accounts.models import AgencyMember, Member, SubAccount, User
from accounts.services.memberships import is_last_admin
from accounts.tenancy import TenantModel


def tenant_of(row: models.Model, *, along: str | None = None) -> SubAccount | None:
    """The sub-account of a row; none where it is not known yet."""
    path = along if along is not None else getattr(row, "tenant_path", "")
    steps = path.split("__") if path else []
    return cast(
        "SubAccount | None", reduce(lambda at, step: getattr(at, step, None), steps, cast(Any, row))
    )


class OneTenantForm(forms.ModelForm[Any]):
    """Offers, and takes, only rows of the same sub-account and people who are its members.

    Django leaves out every constraint that names a field which is not asked for, such as one that
    is chosen once; here they all hold. Rows listed on a page of others are held by their formset.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None or not isinstance(self.instance, TenantModel):
            return
        tenant = tenant_of(self.instance)
        for field in self.fields.values():
            if tenant and isinstance(field, forms.ModelChoiceField) and field.queryset is not None:
                field.queryset = _of(tenant, field.queryset)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        tenant = self._tenant(cleaned)
        for name, chosen in list(cleaned.items()):
            if tenant and not _belongs(chosen, tenant):
                self.add_error(name, f"This is not part of {tenant}.")
        return cleaned

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        is_listed = any(isinstance(one, InlineForeignKeyField) for one in self.fields.values())
        if self.errors or is_listed:
            return
        for constraint in self.instance._meta.constraints:
            self._hold(constraint)

    def _hold(self, constraint: models.BaseConstraint) -> None:
        row = self.instance
        try:
            constraint.validate(type(row), row)
        except ValidationError as error:
            named = [name for name in self.fields if _names(constraint, name, of=row)]
            self.add_error(named[-1] if named else None, error)

    def _tenant(self, cleaned: dict[str, Any]) -> SubAccount | None:
        """The sub-account the row will have with these values."""
        if not isinstance(self.instance, TenantModel):
            return None
        first, _, rest = self.instance.tenant_path.partition("__")
        start = cleaned.get(first) or getattr(self.instance, first, None)
        return tenant_of(start, along=rest) if start else None


class ByAddressForm(OneTenantForm):
    """Adds somebody by e-mail address, so that nobody has to be listed to be found."""

    email = forms.EmailField(
        label="E-mail address",
        max_length=254,
        help_text="They are told by e-mail; someone new to Daybook gets a link to set a password.",
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        place = {name: row for name, row in cleaned.items() if isinstance(row, models.Model)}
        email = cleaned.get("email", "").strip().lower()
        if place and self._meta.model.objects.filter(**place, user__email=email).exists():
            self.add_error("email", "This person is there already.")
        return cleaned


class AgencyAdminForm(ByAddressForm):
    class Meta:
        model = AgencyMember
        fields = ["agency"]


class NewMemberForm(ByAddressForm):
    class Meta:
        model = Member
        fields = ["sub_account", "role", "time_zone"]


class MemberForm(OneTenantForm):
    class Meta:
        model = Member
        fields = ["role", "time_zone"]

    def clean_role(self) -> str:
        role = str(self.cleaned_data["role"])
        if role != Member.Role.ADMIN and is_last_admin(self.instance):
            raise forms.ValidationError("A sub-account needs an admin: make someone else one.")
        return role


def _of(tenant: SubAccount, rows: "models.QuerySet[Any]") -> "models.QuerySet[Any]":
    if rows.model is User:
        return rows.filter(pk__in=Member.objects.within(tenant).values("user"))
    if issubclass(rows.model, TenantModel):
        return rows.filter(pk__in=rows.model.objects.within(tenant).values("pk"))
    return rows


def _belongs(chosen: Any, tenant: SubAccount) -> bool:
    if isinstance(chosen, User):
        return Member.objects.within(tenant).filter(user=chosen).exists()
    if isinstance(chosen, TenantModel):
        return tenant_of(chosen) == tenant
    return True


def _names(constraint: models.BaseConstraint, field: str, *, of: models.Model) -> bool:
    """Whether a constraint that the row breaks names this field: without it, it is not asked."""
    try:
        constraint.validate(type(of), of, exclude={field})
    except ValidationError:
        return False
    return True
