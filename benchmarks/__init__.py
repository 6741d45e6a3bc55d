"""Benchmarks: the API as production runs it against a FastAPI service and against PostgreSQL alone.

`make bench` starts them; docs/performance.md says how they measure and how to read them.
"""
