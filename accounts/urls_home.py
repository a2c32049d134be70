from django.urls import path

from accounts import views_invitations
from accounts.views import home

urlpatterns = [
    path("", home, name="home"),
    path("accounts/invitations/", views_invitations.invitations, name="invitations"),
    path(
        "accounts/invitations/<int:pk>/accept/",
        views_invitations.invitation_accept,
        name="invitation_accept",
    ),
    path(
        "accounts/invitations/<int:pk>/decline/",
        views_invitations.invitation_decline,
        name="invitation_decline",
    ),
]
