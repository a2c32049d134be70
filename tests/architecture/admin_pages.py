"""The admin as tests walk it: its models, pages, filters and forms."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import get_fields_from_path
from django.db import models
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.admin_site import AgencyScoped, VisibleOnlyFilter
from accounts.models import Throttle, User
from integrations.models import Heartbeat
from tests.architecture.rows import our_models

Model = type[models.Model]

MODELS = sorted(our_models(), key=lambda model: model._meta.label)
OF_NOBODY = {Heartbeat, Throttle}
OF_AGENCIES = [model for model in MODELS if model not in OF_NOBODY]
FOREIGN = [model for model in admin.site._registry if model not in our_models()]


def name(model: Model) -> str:
    return model._meta.label_lower


def page(model: Model, what: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{what}", args=args)


def scoped(model: Model) -> AgencyScoped:
    options = admin.site.get_model_admin(model)
    assert isinstance(options, AgencyScoped)
    return options


def listed(client: Client, model: Model, **query: Any) -> set[Any]:
    """Primary keys on a changelist."""
    answer = client.get(page(model, "changelist"), query)
    assert answer.status_code == 200
    return set(answer.context["cl"].queryset.values_list("pk", flat=True))


def request_of(user: User) -> HttpRequest:
    request = RequestFactory().get("/admin/")
    request.user = user
    return request


def filters_by_relation(model: Model, user: User) -> Iterator[tuple[Model, VisibleOnlyFilter]]:
    """The filters beside a list that offer rows, with the model of those."""
    for path, kind in (
        item for item in scoped(model).get_list_filter(request_of(user)) if isinstance(item, tuple)
    ):
        field: Any = get_fields_from_path(model, path)[-1]
        spec = kind(field, request_of(user), {}, model, scoped(model), field_path=path)
        yield field.remote_field.model, spec


def choices_of(client: Client, url: str) -> Iterator[tuple[str, "models.QuerySet[Any]"]]:
    """Each field of a page's forms that offers rows, and the rows."""
    context = client.get(url).context
    found: list[forms.BaseForm] = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        found += [*inline.formset.forms, inline.formset.empty_form]
    for form in found:
        for label, field in form.fields.items():
            rows = getattr(field, "queryset", None)
            if rows is not None and not field.widget.is_hidden:
                yield label, rows


def crafted_lookups(model: Model) -> Iterator[str]:
    """Addresses nobody is offered: every column of the model and of those around it."""
    for field in model._meta.get_fields():
        if not field.is_relation or field.related_model is None:
            yield f"{field.name}__startswith"
            continue
        for beyond in field.related_model._meta.get_fields():
            if not beyond.is_relation:
                yield f"{field.name}__{beyond.name}__startswith"
