from django.db import models
from django.db.models.functions import Lower

from accounts.models import SubAccount
from accounts.tenancy import TenantModel


class Contact(TenantModel):
    """Somebody who books. Never made from an event of a connected calendar."""

    sub_account = models.ForeignKey(SubAccount, on_delete=models.PROTECT)
    name = models.CharField(max_length=150)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                "sub_account",
                Lower("email"),
                condition=~models.Q(email=""),
                name="contact_email_once",
                violation_error_message="Another contact here has this e-mail address already.",
            )
        ]

    def __str__(self) -> str:
        return self.name
