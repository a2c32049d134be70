"""Removing a member: a page of the team's, here because it disconnects what they connected."""

from django.urls import path

from integrations.views.team import member_remove

urlpatterns = [path("settings/team/<int:pk>/remove/", member_remove, name="remove_member")]
