"""What django-q2 runs. Arguments are primary keys only."""

from integrations.services.scheduling import deliver_soon


def ring() -> None:
    """The outbox has something due: called by the booking side, inside its transaction."""
    deliver_soon()
