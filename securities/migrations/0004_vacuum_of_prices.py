"""On PostgreSQL bars are vacuumed after every 1 % (at least 50,000) of new ones instead of 20 %: only pages that a
vacuum has marked are read from the index alone."""

from django.db import migrations

SETTINGS = {
    "autovacuum_vacuum_insert_scale_factor": 0.01,
    "autovacuum_vacuum_insert_threshold": 50000,
    "autovacuum_vacuum_scale_factor": 0.05,
    "autovacuum_analyze_scale_factor": 0.05,
}


def tune(apps, schema_editor):
    _alter(schema_editor, f"set ({', '.join(f'{name} = {value}' for name, value in SETTINGS.items())})")


def reset(apps, schema_editor):
    _alter(schema_editor, f"reset ({', '.join(SETTINGS)})")


def _alter(schema_editor, change):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"alter table securities_price {change}")


class Migration(migrations.Migration):
    dependencies = [
        ("securities", "0003_covering_price_key"),
    ]

    operations = [
        migrations.RunPython(tune, reset),
    ]
