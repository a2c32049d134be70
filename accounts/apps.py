from django.apps import AppConfig
from django.contrib.admin import apps as admin


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Who"
    default = True


class DaybookAdminConfig(admin.AdminConfig):
    default_site = "accounts.admin_site.DaybookAdminSite"
    default = False
