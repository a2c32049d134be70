from datetime import timedelta

from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from integrations.models import Heartbeat

WORKER_IS_LATE_AFTER = timedelta(minutes=3)


@never_cache
@require_GET
def healthz(request: HttpRequest) -> JsonResponse:
    """This process answers."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_GET
def readyz(request: HttpRequest) -> JsonResponse:
    """The database answers and a worker did a job lately."""
    try:
        beat = Heartbeat.objects.filter(name=Heartbeat.WORKER).first()
    except DatabaseError:
        return JsonResponse({"database": "down", "worker": "unknown"}, status=503)
    works = beat is not None and timezone.now() - beat.seen_at < WORKER_IS_LATE_AFTER
    return JsonResponse(
        {"database": "ok", "worker": "ok" if works else "down"}, status=200 if works else 503
    )
