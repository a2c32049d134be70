"""Reading many accounts at once: threads speak CalDAV, this thread alone writes rows.

A hanging account holds up its own thread and nobody else: threads are daemons, and a batch ends
at its deadline whoever is still talking. What was stored stands; the rest is read next time.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from time import monotonic

import structlog
from django.conf import settings
from django.utils import timezone
from django_q.tasks import async_task

from integrations.caldav.errors import CalDAVError
from integrations.caldav.reading import Held, Listed, Message, Page
from integrations.models import Connection
from integrations.services.clients import SecretLost
from integrations.services.leasing import LeaseLost
from integrations.services.pulling import Pull, begin
from integrations.services.scheduling import sync_soon
from integrations.services.verdicts import jittered

log = structlog.get_logger(__name__)

BATCH_SECONDS = 60.0  # well before the queue's own time limit
Reply = Sequence[Held] | None


class Finished:
    """The conversation came to its end."""


class Stop:
    """Say no more."""


@dataclass(frozen=True, slots=True)
class Heard:
    pull: Pull
    what: "Message | Exception | type[Finished]"


@dataclass
class Speaker:
    """One account's thread: says what it is told, hands back what it hears."""

    pull: Pull
    ears: "SimpleQueue[Heard]"
    replies: "SimpleQueue[Reply | Stop]" = field(default_factory=SimpleQueue)

    def start(self) -> None:
        threading.Thread(target=self._speak, daemon=True).start()

    def _speak(self) -> None:
        reply: Reply | Stop = None
        talk = self.pull.conversation()
        try:
            while not isinstance(reply, Stop):
                self.ears.put(Heard(self.pull, talk.send(reply)))
                reply = self.replies.get()
        except StopIteration:
            self.ears.put(Heard(self.pull, Finished))
        except Exception as error:
            self.ears.put(Heard(self.pull, error))


def hand_on_due(*, batch_size: int) -> int:
    """Claim every due connection and queue them in batches. Returns how many."""
    claimed = [connection.pk for connection in _due() if _claim(connection)]
    for start in range(0, len(claimed), batch_size):
        async_task("integrations.tasks.sync_batch", claimed[start : start + batch_size])
    return len(claimed)


def read_batch(connections: Sequence[Connection], *, seconds: float = BATCH_SECONDS) -> None:
    """Read these connections at the same time, `seconds` at most in all."""
    ends = monotonic() + seconds
    ears: SimpleQueue[Heard] = SimpleQueue()
    speakers = {id(pull): Speaker(pull, ears) for pull in map(begin, connections) if pull}
    for speaker in speakers.values():
        speaker.start()
    while speakers:
        try:
            heard = ears.get(timeout=max(0.0, ends - monotonic()))
        except Empty:
            break
        if not _go_on(speakers[id(heard.pull)], heard.what):
            speakers.pop(id(heard.pull)).replies.put(Stop())
    for speaker in speakers.values():
        speaker.replies.put(Stop())
        speaker.pull.suspend()
        sync_soon(speaker.pull.connection)


def _go_on(speaker: Speaker, what: "Message | Exception | type[Finished]") -> bool:
    """Write what was heard and answer; False when this conversation is over."""
    pull = speaker.pull
    try:
        if isinstance(what, Listed | Page):
            speaker.replies.put(pull.receive(what))
            return True
        if isinstance(what, Exception):
            _fail(pull, what)
        else:
            pull.finish()
    except LeaseLost:
        pull.suspend()
    except Exception as error:
        _fail(pull, error)
    return False


def _fail(pull: Pull, error: Exception) -> None:
    """One account's failure is its own, even when it is a mistake of ours."""
    if not isinstance(error, CalDAVError | SecretLost):
        log.error("sync failed", connection=pull.connection.pk, exc_info=error)
    pull.fail(error)


def _due() -> Sequence[Connection]:
    due = Connection.objects.due(timezone.now()).order_by("next_poll_at")
    return list(due.only("pk", "next_poll_at"))


def _claim(connection: Connection) -> bool:
    """Move its next poll on by compare-and-set, so that a doubled job finds nothing due."""
    still = Connection.objects.filter(pk=connection.pk, next_poll_at=connection.next_poll_at)
    return bool(still.update(next_poll_at=timezone.now() + jittered(settings.SYNC_INTERVAL)))
