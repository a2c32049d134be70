"""Changing a password, and setting one by a link. Most names are Django's own."""

from django.conf import settings
from django.contrib.auth import views
from django.urls import path

from accounts.forms import ChangePasswordForm, SetPasswordLinkForm
from accounts.views_password import AcceptByPasswordView, AskForLinkView

urlpatterns = [
    path(
        "password_change/",
        views.PasswordChangeView.as_view(form_class=ChangePasswordForm),
        name="password_change",
    ),
    path(
        "password_change/done/",
        views.PasswordChangeDoneView.as_view(),
        name="password_change_done",
    ),
    path(
        "password_reset/",
        AskForLinkView.as_view(
            form_class=SetPasswordLinkForm,
            email_template_name="registration/password_reset_email.txt",
            # Links lead to our own address, never to what a request calls it.
            extra_email_context={"site_url": settings.SITE_URL},
        ),
        name="password_reset",
    ),
    path("password_reset/done/", views.PasswordResetDoneView.as_view(), name="password_reset_done"),
    path(
        "reset/<uidb64>/<token>/",
        views.PasswordResetConfirmView.as_view(),
        name="password_reset_confirm",
    ),
    path(
        "invitations/<int:pk>/<uidb64>/<token>/",
        AcceptByPasswordView.as_view(),
        name="invitation_password",
    ),
    path("reset/done/", views.PasswordResetCompleteView.as_view(), name="password_reset_complete"),
]
