from django.urls import path

from calendars.views import staff

app_name = "calendars"
urlpatterns = [
    path("calendar/", staff.week, name="week"),
    path("calendar/blocked/<int:pk>/", staff.blocked_slot, name="blocked_slot"),
    path("calendar/blocked/<int:pk>/release/", staff.blocked_slot_release, name="release"),
    path("settings/calendars/", staff.settings, name="settings"),
]
