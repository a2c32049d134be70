from django.urls import include, path

from integrations.views import configuration, connections, copies, deletions, events

app_name = "integrations"

one = [
    path("sync/", connections.connection_sync, name="connection_sync"),
    path("refresh/", connections.connection_refresh, name="connection_refresh"),
    path("status/", connections.connection_status, name="connection_status"),
    path("history/", connections.connection_history, name="connection_history"),
    path("password/", connections.connection_password, name="connection_password"),
    path("deletions/", deletions.deletions, name="deletions"),
    path("pause/", connections.connection_pause, name="connection_pause"),
    path("resume/", connections.connection_resume, name="connection_resume"),
    path("disconnect/", connections.connection_disconnect, name="connection_disconnect"),
]

urlpatterns = [
    path("settings/calendars/connections/", connections.connections, name="connections"),
    path("settings/calendars/connections/new/", connections.connection_new, name="connection_new"),
    path(
        "settings/calendars/connections/icloud/", connections.connect_icloud, name="connect_icloud"
    ),
    path("settings/calendars/connections/<int:pk>/", include(one)),
    path("settings/calendars/configuration/", configuration.configuration, name="configuration"),
    path(
        "settings/calendars/configuration/state/",
        configuration.configuration_state,
        name="configuration_state",
    ),
    path("settings/calendars/configuration/linked/", configuration.linked, name="linked"),
    path("settings/calendars/configuration/conflicts/", configuration.conflicts, name="conflicts"),
    path(
        "settings/calendars/configuration/conflicts/<int:pk>/",
        configuration.reading_settings,
        name="reading_settings",
    ),
    path(
        "settings/profile/integrations/",
        connections.profile_integrations,
        name="profile_integrations",
    ),
    path(
        "settings/profile/calendar-configuration/",
        configuration.configuration,
        name="profile_configuration",
    ),
    path("calendar/blocked/<int:pk>/event/", events.event_edit, name="event_edit"),
    path("calendar/blocked/<int:pk>/event/undo/", events.event_undo, name="event_undo"),
    path("appointments/copies/<int:pk>/write/", copies.copy_write, name="write_again"),
    path("", include("integrations.urls_team")),
]
