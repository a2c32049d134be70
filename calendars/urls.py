from django.urls import path

from calendars.views import booking_changes, booking_times, bookings, contacts, staff

app_name = "calendars"
urlpatterns = [
    path("calendar/", staff.week, name="week"),
    path("calendar/blocked/<int:pk>/", staff.blocked_slot, name="blocked_slot"),
    path("calendar/blocked/<int:pk>/release/", staff.blocked_slot_release, name="release"),
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
]
