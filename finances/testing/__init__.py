"""What every app's tests share, loaded by pytest.ini as a plugin. Never imported outside tests."""
