"""What admin pages of histories share: the newest rows alone, and rows that go only with what they belong to."""

from functools import cached_property
from typing import Any

from django.contrib.admin import ModelAdmin
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest

NEWEST = 50
"""How many rows of a history a page shows."""


class NewestFormSet(BaseInlineFormSet):  # type: ignore[type-arg]  # not subscriptable when the code runs
    def get_queryset(self) -> Any:
        return self._newest

    @cached_property
    def _newest(self) -> Any:
        # Asked for again and again; a new slice each time would be read each time.
        return super().get_queryset()[:NEWEST]


def is_own_page(admin: ModelAdmin, request: HttpRequest) -> bool:  # type: ignore[type-arg]
    """Whether a page of this model is asked for, and not one of what its rows belong to."""
    name = request.resolver_match.url_name if request.resolver_match else None
    return name is not None and name.startswith(f"{admin.opts.app_label}_{admin.opts.model_name}_")
