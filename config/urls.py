from django.contrib import admin
from django.contrib.auth import views as auth_views
from django.urls import include, path

from accounts.forms import SignInForm
from config.health import healthz, readyz

handler500 = "config.errors.server_error"
urlpatterns = [
    path("", include("accounts.urls_home")),
    path(
        "accounts/login/",
        auth_views.LoginView.as_view(
            authentication_form=SignInForm, redirect_authenticated_user=True
        ),
        name="login",
    ),
    path("accounts/logout/", auth_views.LogoutView.as_view(), name="logout"),
    path("accounts/", include("accounts.urls_password")),
    path("s/<slug:sub_account>/", include("accounts.urls")),
    path("s/<slug:sub_account>/", include("calendars.urls")),
    path("s/<slug:sub_account>/", include("integrations.urls")),
    path("", include("calendars.urls_public")),
    path("brand/", include("accounts.urls_brand")),
    path("admin/", admin.site.urls),
    path("healthz", healthz),
    path("readyz", readyz),
]
