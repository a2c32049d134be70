"""Setting a password by a link, and asking for one."""

from datetime import timedelta
from typing import Any

from django.contrib.auth import views
from django.http import HttpResponse, HttpResponseRedirect

from accounts.client_identity import address_of
from accounts.models import Member
from accounts.services.throttling import TooOften, count

HOUR = timedelta(hours=1)


class AskForLinkView(views.PasswordResetView):
    """Who asks too often gets the answer everybody gets, and nobody gets mail."""

    def form_valid(self, form: Any) -> HttpResponse:
        email = form.cleaned_data["email"].strip().lower()
        try:
            count("reset", address_of(self.request), limit=20, per=HOUR)
            count("reset", email, limit=5, per=HOUR)
        except TooOften:
            return HttpResponseRedirect(self.get_success_url())
        return super().form_valid(form)


class AcceptByPasswordView(views.PasswordResetConfirmView):
    """The first password of somebody new accepts the invitation that brought the link."""

    def form_valid(self, form: Any) -> HttpResponse:
        is_first = not form.user.has_usable_password()
        answer = super().form_valid(form)
        if is_first:
            mine = Member.including_invited.filter(user=form.user)
            mine.filter(pk=self.kwargs["pk"]).accept()
        return answer
