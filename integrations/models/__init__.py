from integrations.models.choices import CalendarConfiguration, ConflictCalendar
from integrations.models.connections import Connection, RemoteAccount, an_interval_ahead
from integrations.models.edits import OwnerEdit
from integrations.models.mirrored import MirroredEvent
from integrations.models.remote import RemoteCalendar, RemoteEvent
from integrations.models.runs import Heartbeat, SyncRun

__all__ = [
    "CalendarConfiguration",
    "ConflictCalendar",
    "Connection",
    "Heartbeat",
    "MirroredEvent",
    "OwnerEdit",
    "RemoteAccount",
    "RemoteCalendar",
    "RemoteEvent",
    "SyncRun",
    "an_interval_ahead",
]
