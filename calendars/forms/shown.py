"""Forms that change what is there: a page that was open for long puts nothing old back."""

from collections.abc import Iterable
from typing import Any

from django import forms


class FieldAsShown(forms.BoundField):
    """What is hidden describes nothing to anybody: HTML forbids it there."""

    def build_widget_attrs(self, attrs: Any, widget: Any = None) -> Any:
        built = super().build_widget_attrs(attrs, widget)
        if widget is not None and widget.is_hidden:
            built.pop("aria-describedby", None)
        return built


class FormAsShown(forms.Form):
    """Sends beside each field what it was shown with, so that it is known what somebody changed."""

    bound_field_class = FieldAsShown

    def show_initial(self, names: Iterable[str]) -> None:
        for name in names:
            if name in self.fields:
                self.fields[name].show_hidden_initial = True

    def touched(self, names: Iterable[str]) -> list[str]:
        """Those that are sent otherwise than they were shown. One of which is not sent how it was
        shown counts as touched."""
        return [
            name
            for name in names
            if name in self.changed_data or self.add_initial_prefix(name) not in self.data
        ]
