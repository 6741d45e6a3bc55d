"""Indexes that searches walk: the order of symbols and of names, and on PostgreSQL the trigrams of names.

Where the role may not create pg_trgm, or the server has none, the rest is done and searches stay right; what stands
inside names is then found by reading the index of symbols. docs/operations.md says how to add it later.
"""

import django.db.models.functions.text
from django.conf import settings
from django.db import DatabaseError, migrations, models, transaction

import securities.models.collation

INDEX = "security_name_trigrams"
# New rows go into the index at once: a list of pending ones would be read by every search.
TRIGRAMS = f"create index {INDEX} on securities_security using gin (upper(name) gin_trgm_ops) with (fastupdate = off)"


def add_trigrams(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    try:
        with transaction.atomic(using=schema_editor.connection.alias):
            schema_editor.execute("create extension if not exists pg_trgm")
            schema_editor.execute(TRIGRAMS)
    except DatabaseError as error:
        print(f"\n    No index of trigrams: {error} Searches work without it; docs/operations.md says how to add it.")


def drop_trigrams(apps, schema_editor):
    # The extension may serve others, or have been there before.
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"drop index if exists {INDEX}")


class Migration(migrations.Migration):
    dependencies = [
        ("currencies", "0002_rates"),
        ("securities", "0004_vacuum_of_prices"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="security",
            index=models.Index(
                securities.models.collation.Bytewise("symbol"),
                models.F("id"),
                models.F("name"),
                models.F("owner"),
                condition=models.Q(("owner", None)),
                name="security_listed_symbol",
            ),
        ),
        migrations.AddIndex(
            model_name="security",
            index=models.Index(
                securities.models.collation.Bytewise(django.db.models.functions.text.Upper("name")),
                models.F("id"),
                condition=models.Q(("owner", None)),
                name="security_listed_name",
            ),
        ),
        migrations.RunPython(add_trigrams, drop_trigrams),
    ]
