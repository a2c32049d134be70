from django.urls import path

from calendars.views import appointments, public

app_name = "public"
urlpatterns = [
    path("book/<slug:sub_account>/", public.book_index, name="book_index"),
    path("book/<slug:sub_account>/menu/<slug:group>/", public.menu, name="menu"),
    path("book/<slug:sub_account>/<slug:calendar>/", public.book, name="book"),
    path("appointments/<slug:token>/", appointments.appointment, name="appointment"),
    path(
        "appointments/<slug:token>/calendar.ics",
        appointments.appointment_ics,
        name="appointment_ics",
    ),
    path("appointments/<slug:token>/reschedule/", appointments.reschedule, name="reschedule"),
    path("appointments/<slug:token>/cancel/", appointments.cancel, name="cancel"),
]
