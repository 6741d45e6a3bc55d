"""The whole API describes itself without a gap."""

import io

from django.core.management import call_command


def test_schema_is_valid_and_complete() -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=io.StringIO())
