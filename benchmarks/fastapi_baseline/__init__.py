"""The same endpoints in FastAPI, async SQLAlchemy 2 and asyncpg, as good teams write them.

What the benchmarks compare with. It runs in an environment of its own (benchmarks/requirements.txt).
"""
