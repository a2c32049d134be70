"""How the last syncs of a connection went, for its owner."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.models import Connection, SyncRun

RUNS_ARE_KEPT = timedelta(days=14)
SHOWN = 30
Kind = Literal["ok", "busy", "error", "muted"]


@dataclass(frozen=True, slots=True)
class PastSync:
    """A sync in words; `seconds` it took, None while it is running or if it died."""

    began_at: datetime
    kind: Kind
    text: str
    requests: int
    seconds: float | None


def history_of(connection: Connection, *, everything: bool = False) -> list[PastSync]:
    """The latest syncs, newest first: those that brought or removed something or failed, or
    `everything`."""
    runs: QuerySet[SyncRun] = connection.runs.order_by("-started_at", "-pk")
    if not everything:
        runs = runs.filter(
            Q(events_changed__gt=0)
            | Q(events_gone__gt=0)
            | ~Q(problem="")
            | ~Q(result=SyncRun.Result.DONE)
        )
    return [_in_words(run) for run in runs[:SHOWN]]


def _in_words(run: SyncRun) -> PastSync:
    took = (run.finished_at - run.started_at).total_seconds() if run.finished_at else None
    return PastSync(run.started_at, *_result(run), run.requests, took)


def _result(run: SyncRun) -> tuple[Kind, str]:
    if run.result == SyncRun.Result.RUNNING:
        return "busy", _("Under way")
    if run.result == SyncRun.Result.FAILED:
        return "error", run.problem or _("It failed.")
    found = [
        (run.events_changed, _changed(run.events_changed)),
        (run.events_gone, ngettext("%(n)s event gone", "%(n)s events gone", run.events_gone)),
        (run.drift, _("%(n)s of these found only by comparing everything")),
    ]
    said = ", ".join(words % {"n": number} for number, words in found if number)
    if not said:
        return "muted", run.problem or _("Nothing new")
    return "ok", f"{said}. {run.problem}".strip() if run.problem else said


def _changed(count: int) -> str:
    return ngettext("%(n)s event new or changed", "%(n)s events new or changed", count)
