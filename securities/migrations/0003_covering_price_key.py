"""On PostgreSQL the key of bars holds their figures too, so that a range of them is read from the index alone.

The new index is built beside the old one while bars are read and written; the swap locks the table for a moment. Cut
off anywhere, it can be run again. SQLite keeps the key as it is.
"""

from django.db import migrations

TABLE = "securities_price"
KEY = f"{TABLE}_pkey"
BUILT = f"{TABLE}_key_built"
COLUMNS = "(security_id, interval, ts)"
FIGURES = "include (open, high, low, close, volume)"
VALID = "select indisvalid, indnatts from pg_index where indexrelid = to_regclass(%s)"


def cover(apps, schema_editor):
    _replace_key(schema_editor, FIGURES, columns=8)


def uncover(apps, schema_editor):
    _replace_key(schema_editor, "", columns=3)


def _replace_key(schema_editor, figures, *, columns):
    if schema_editor.connection.vendor != "postgresql":
        return
    with schema_editor.connection.cursor() as cursor:
        if _state(cursor, KEY) == (True, columns):
            return
        if _state(cursor, BUILT) != (True, columns):
            # What an earlier try left unfinished.
            cursor.execute(f"drop index concurrently if exists {BUILT}")
            cursor.execute(f"create unique index concurrently {BUILT} on {TABLE} {COLUMNS} {figures}")
        # Rather fail, and be run again, than queue all readers behind a long transaction.
        cursor.execute("set lock_timeout = '5s'")
        try:
            cursor.execute(
                f"alter table {TABLE} drop constraint {KEY}, add constraint {KEY} primary key using index {BUILT}"
            )
        finally:
            cursor.execute("reset lock_timeout")


def _state(cursor, index):
    """(is valid, number of columns); None where there is no such index."""
    cursor.execute(VALID, [index])
    return cursor.fetchone()


class Migration(migrations.Migration):
    # An index cannot be built concurrently inside a transaction.
    atomic = False

    dependencies = [
        ("securities", "0002_security_data_version"),
    ]

    operations = [
        migrations.RunPython(cover, uncover),
    ]
