from django.urls import path

from accounts import views_brand

app_name = "brand"
urlpatterns = [
    path("<slug:colour>/<slug:version>.css", views_brand.sheet, name="sheet"),
    path("logo/<slug:digest>", views_brand.logo, name="logo"),
]
