from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.middleware import TenantRequest
from integrations.forms.rules import DeletionsForm
from integrations.models import Connection
from integrations.services.deleting import change_deletion_rules, count_of_kept


@require_http_methods(["GET", "HEAD", "POST"])
def deletions(request: TenantRequest, sub_account: str, pk: int) -> HttpResponse:
    now = timezone.now()
    mine = Connection.objects.of(request.user, request.sub_account)
    connection = get_object_or_404(mine.annotate(kept=count_of_kept(now)), pk=pk)
    form = DeletionsForm(
        request.POST if request.method == "POST" else None,
        connection=connection,
        kept=connection.kept,
    )
    if form.is_valid():
        freed = change_deletion_rules(connection, now=now, **form.cleaned_data)
        messages.success(request, _saved(freed))
        return redirect("integrations:connections", sub_account)
    context = {
        "connection": connection,
        "form": form,
        "close_url": reverse("integrations:connections", args=[sub_account]),
    }
    status = 422 if form.errors else 200
    return render(request, "integrations/deletions.html", context, status=status)


def _saved(freed: int) -> str:
    if not freed:
        return _("Saved. It counts for what is deleted from now on.")
    said = ngettext(
        "Saved. %(number)s time kept so far is free again.",
        "Saved. %(number)s times kept so far are free again.",
        freed,
    )
    return said % {"number": freed}
