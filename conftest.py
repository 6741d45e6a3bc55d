"""Fixtures for all tests come from the kernel's testing package."""

pytest_plugins = ["finances.testing.plugin", "finances.testing.yahoo"]
