"""Reading many accounts at once: threads speak CalDAV, this thread alone writes rows.

A hanging account holds up its own thread and nobody else: threads are daemons, and a batch ends
at its deadline whoever is still talking. What was stored stands; the rest is read next time.
"""

import threading
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from time import monotonic

import structlog
from django.conf import settings
from django.utils import timezone
from django_q.tasks import async_task

from integrations.caldav.reading import Held, Message, Page
from integrations.models import Connection, Heartbeat
from integrations.services.pulling import Pull, begin, settle
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
        """A listing is answered before anything else is said; while a page is being stored, the
        next one is asked for, and no further one."""
        reply: Reply | Stop = None
        unanswered = 0
        talk = self.pull.conversation()
        try:
            while not isinstance(reply, Stop):
                message = talk.send(reply)
                self.ears.put(Heard(self.pull, message))
                reply, unanswered = None, unanswered + 1
                most = 1 if isinstance(message, Page) else 0
                while unanswered > most and not isinstance(reply, Stop):
                    reply, unanswered = self.replies.get(), unanswered - 1
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


def read_batch(
    connections: Sequence[Connection],
    *,
    seconds: float = BATCH_SECONDS,
    beat: Callable[[], None] = Heartbeat.beat_now_and_then,
) -> None:
    """Read these connections, different accounts at the same time, `seconds` at most in all.

    Connections to one account take turns within the batch, the longest waiting first. `beat` is
    called while it goes on.
    """
    ends = monotonic() + seconds
    ears: SimpleQueue[Heard] = SimpleQueue()
    turns: dict[int, deque[Connection]] = defaultdict(deque)
    for connection in sorted(connections, key=lambda row: row.next_poll_at):
        turns[connection.remote_account_id].append(connection)
    speakers: dict[int, Speaker] = {}
    for account in turns:
        _next_turn(account, turns, speakers, ears, ends)
    while speakers and monotonic() < ends:
        try:
            heard = ears.get(timeout=max(0.0, ends - monotonic()))
        except Empty:
            break
        beat()
        account = heard.pull.connection.remote_account_id
        # A reading that is closed may have had something on its way.
        if not heard.pull.is_closed and not _go_on(speakers[account], heard.what):
            speakers.pop(account).replies.put(Stop())
            _next_turn(account, turns, speakers, ears, ends)
    for speaker in speakers.values():
        speaker.replies.put(Stop())
        speaker.pull.suspend()
        sync_soon(speaker.pull.connection)
    for connection in (row for rows in turns.values() for row in rows):
        sync_soon(connection)


def _next_turn(
    account: int,
    turns: dict[int, deque[Connection]],
    speakers: dict[int, Speaker],
    ears: "SimpleQueue[Heard]",
    ends: float,
) -> None:
    """Begin the account's next connection that can be begun."""
    while turns[account] and account not in speakers and monotonic() < ends:
        connection = turns[account].popleft()
        try:
            reading = begin(connection, ends=ends)
        except Exception:
            log.exception("sync could not begin", connection=connection.pk)
            continue
        if reading is not None:
            speakers[account] = Speaker(reading, ears)
            speakers[account].start()


def _go_on(speaker: Speaker, what: "Message | Exception | type[Finished]") -> bool:
    """Write what was heard and answer; False when this conversation is over."""
    reading = speaker.pull
    if isinstance(what, Exception):
        reading.fail(what)
    elif isinstance(what, type):
        settle(reading, reading.finish)
    else:
        said = what
        settle(reading, lambda: speaker.replies.put(reading.receive(said)))
    return not reading.is_closed


def _due() -> Sequence[Connection]:
    due = Connection.objects.due(timezone.now()).order_by("next_poll_at")
    return list(due.only("pk", "next_poll_at"))


def _claim(connection: Connection) -> bool:
    """Move its next poll on by compare-and-set, so that a doubled job finds nothing due."""
    still = Connection.objects.filter(pk=connection.pk, next_poll_at=connection.next_poll_at)
    return bool(still.update(next_poll_at=timezone.now() + jittered(settings.SYNC_INTERVAL)))
