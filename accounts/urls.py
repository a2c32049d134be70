from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("settings/profile/", views.profile, name="profile"),
    path("settings/team/", views.team, name="team"),
    path("settings/team/add/", views.team_add, name="team_add"),
    path("settings/team/<int:pk>/role/", views.team_role, name="team_role"),
    path("settings/team/<int:pk>/withdraw/", views.team_withdraw, name="team_withdraw"),
]
