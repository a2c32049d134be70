from django.urls import path

from calendars.views import (
    blocking,
    booking_changes,
    booking_times,
    bookings,
    calendars,
    contacts,
    hours,
    kept,
    staff,
)

app_name = "calendars"
urlpatterns = [
    path("calendar/", staff.week, name="week"),
    path("calendar/blocked/", blocking.blocked, name="blocked"),
    path("calendar/blocked/<int:pk>/", staff.blocked_slot, name="blocked_slot"),
    path("calendar/blocked/<int:pk>/edit/", blocking.blocked_slot_edit, name="blocked_slot_edit"),
    path(
        "calendar/blocked/<int:pk>/remove/",
        blocking.blocked_slot_remove,
        name="blocked_slot_remove",
    ),
    path("calendar/blocked/<int:pk>/release/", kept.blocked_slot_release, name="release"),
    path("calendar/kept/", kept.kept, name="kept"),
    path("calendar/kept/release/", kept.kept_release, name="kept_release"),
    path("calendar/kept/<int:pk>/release/", kept.kept_event_release, name="kept_event_release"),
    path("settings/profile/hours/", hours.hours, name="hours"),
    path("appointments/", bookings.appointments, name="appointments"),
    path("appointments/new/", booking_times.choose_calendar, name="appointment_new"),
    path("appointments/new/<slug:calendar>/", booking_times.book, name="appointment_book"),
    path("appointments/<int:pk>/", bookings.appointment, name="appointment"),
    path("appointments/<int:pk>/move/", booking_times.move_appointment, name="appointment_move"),
    path("appointments/<int:pk>/cancel/", booking_changes.cancel, name="appointment_cancel"),
    path("appointments/<int:pk>/restore/", booking_changes.restore, name="appointment_restore"),
    path("appointments/<int:pk>/confirm/", booking_changes.confirm, name="appointment_confirm"),
    path("appointments/<int:pk>/showed/", booking_changes.showed, name="appointment_showed"),
    path("appointments/<int:pk>/noshow/", booking_changes.noshow, name="appointment_noshow"),
    path("appointments/<int:pk>/invalid/", booking_changes.invalid, name="appointment_invalid"),
    path("contacts/", contacts.contacts, name="contacts"),
    path("contacts/<int:pk>/", contacts.contact, name="contact"),
    path("settings/calendars/", staff.settings, name="settings"),
    path("settings/calendars/new/", calendars.calendar_new, name="calendar_new"),
    path("settings/calendars/<int:pk>/", calendars.calendar, name="calendar"),
    path(
        "settings/calendars/<int:pk>/activate/",
        calendars.calendar_activate,
        name="calendar_activate",
    ),
    path(
        "settings/calendars/<int:pk>/deactivate/",
        calendars.calendar_deactivate,
        name="calendar_deactivate",
    ),
    path("settings/calendars/<int:pk>/hosts/", calendars.hosts, name="hosts"),
    path(
        "settings/calendars/<int:pk>/hosts/<int:user>/priority/",
        calendars.host_priority,
        name="host_priority",
    ),
    path(
        "settings/calendars/<int:pk>/hosts/<int:user>/move/",
        calendars.host_move,
        name="host_move",
    ),
    path(
        "settings/calendars/<int:pk>/hosts/<int:user>/remove/",
        calendars.host_remove,
        name="host_remove",
    ),
    path("settings/calendars/<int:pk>/hours/<int:user>/", hours.host_hours, name="host_hours"),
    path(
        "settings/calendars/<int:pk>/hours/<int:user>/default/",
        hours.host_hours_default,
        name="host_hours_default",
    ),
]
