"""What owners want their own events to say, until iCloud has it."""

from django.db import models

from accounts.tenancy import TenantModel
from integrations.caldav.editing import Said
from integrations.models.remote import RemoteEvent


class OwnerEdit(TenantModel):
    """Another title and time that its owner wants an event to have.

    `before` is what they changed; `sent` what was written while no answer is known. Gone as soon as
    the event says so; kept, with the reason, where it was given up.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Being saved to iCloud"
        GIVEN_UP = "given_up", "Not saved"

    tenant_path = "remote_event__remote_calendar__connection__sub_account"

    remote_event = models.OneToOneField(
        RemoteEvent, on_delete=models.CASCADE, primary_key=True, related_name="owner_edit"
    )
    title = models.CharField(max_length=500, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    before_title = models.CharField(max_length=500, blank=True)
    before_starts_at = models.DateTimeField()
    before_ends_at = models.DateTimeField()
    sent_title = models.CharField(max_length=500, blank=True)
    sent_starts_at = models.DateTimeField(null=True, blank=True)
    sent_ends_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    problem = models.CharField(max_length=300, blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"Change of event {self.pk}"  # never what it says

    @property
    def wanted(self) -> Said:
        return Said(self.title, self.starts_at, self.ends_at)

    @wanted.setter
    def wanted(self, said: Said) -> None:
        self.title, self.starts_at, self.ends_at = said.title, said.starts_at, said.ends_at

    @property
    def before(self) -> Said:
        return Said(self.before_title, self.before_starts_at, self.before_ends_at)

    @before.setter
    def before(self, said: Said) -> None:
        self.before_title = said.title
        self.before_starts_at, self.before_ends_at = said.span

    @property
    def sent(self) -> Said | None:
        if self.sent_starts_at is None or self.sent_ends_at is None:
            return None
        return Said(self.sent_title, self.sent_starts_at, self.sent_ends_at)

    @sent.setter
    def sent(self, said: Said | None) -> None:
        self.sent_title = said.title if said else ""
        self.sent_starts_at = said.starts_at if said else None
        self.sent_ends_at = said.ends_at if said else None

    @property
    def is_move(self) -> bool:
        return self.wanted.span != self.before.span

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.WAITING
