"""The one way to rows: every tenant's model says where its sub-account is, once."""

from typing import TYPE_CHECKING, ClassVar, Self, TypeVar

from django.db import models

if TYPE_CHECKING:
    from accounts.models import Agency, SubAccount

Row_co = TypeVar("Row_co", bound=models.Model, covariant=True)


class TenantQuerySet(models.QuerySet[Row_co]):
    def within(self, sub_account: "SubAccount") -> Self:
        """Rows of this sub-account only."""
        return self.filter(**{self._tenant_path(): sub_account})

    def of_agencies(self, agencies: "models.QuerySet[Agency]") -> Self:
        """Rows of these agencies' sub-accounts, each once."""
        owned = self.model._base_manager.filter(**{f"{self._tenant_path()}__agency__in": agencies})
        return self.filter(pk__in=owned.values("pk"))

    def _tenant_path(self) -> str:
        path: str = getattr(self.model, "tenant_path")  # noqa: B009 -- every TenantModel has one
        return path


class TenantModel(models.Model):
    """A row that belongs to a sub-account, directly or along `tenant_path`."""

    tenant_path: ClassVar[str] = "sub_account"

    objects = TenantQuerySet.as_manager()

    class Meta:
        abstract = True
