"""Agreeing to what a page has shown."""

from datetime import datetime
from typing import Any

from django import forms


class SeenForm(forms.Form):
    """Remembers when its page was made: what came later was not agreed to."""

    seen_at = forms.DateTimeField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, now: datetime) -> None:
        super().__init__(data, initial={"seen_at": now.isoformat()})
