"""Audits: promises of docs/security.md and docs/operations.md, tried on the product as it runs.

`make audit` runs them, each as `python -m audit.<name>` on a database of its own: SQLite, or the PostgreSQL server that
DATABASE_URL names with a role that may create databases.
"""
