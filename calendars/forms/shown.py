"""Forms that change what is there: a page that was open for long puts nothing old back."""

from collections.abc import Iterable

from django import forms


class FormAsShown(forms.Form):
    """Sends beside each field what it was shown with, so that it is known what somebody changed."""

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
