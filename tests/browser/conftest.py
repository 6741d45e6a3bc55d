"""A headless Chromium that looks at the back office of a live server, and sees to it that nothing goes wrong there."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, sync_playwright
from pytest_django.live_server_helper import LiveServer

from finances.users.models import User
from finances.users.tests.factories import UserFactory
from tests.browser.office import Office

NAMES = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
    "--force-color-profile=srgb", "--font-render-hinting=none",
]  # fmt: skip


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the browser: the variable CHROMIUM, else the first one that the system has."""
    named = os.environ.get("CHROMIUM", "")
    found = shutil.which(named) if named else next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        looked_for = named or ", ".join(NAMES)
        pytest.exit(f"There is no Chromium here ({looked_for}). Install it, or set CHROMIUM to its path.", returncode=1)
    return found


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright keeps an event loop in this thread, which Django takes for asynchronous code.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        running = playwright.chromium.launch(executable_path=chromium, args=OPTIONS)
        yield running
        running.close()


@pytest.fixture
def staff(transactional_db: None) -> User:
    return UserFactory.create(email="staff@finances.example", is_staff=True, is_superuser=True)


@pytest.fixture
def office(browser: Browser, live_server: LiveServer, staff: User) -> Iterator[Office]:
    """The back office, logged in. Fails afterwards for each error on the console and each request to elsewhere."""
    with browser.new_context(viewport={"width": 1200, "height": 960}) as context:
        context.add_cookies([_session_cookie(staff, live_server.url)])
        context.add_init_script("localStorage.setItem('django.admin.navSidebarIsOpen', 'false')")
        visited = Office(context.new_page(), live_server.url)
        yield visited
    assert visited.complaints == []


def _session_cookie(user: User, url: str) -> Any:
    client = Client()
    client.force_login(user)
    return {
        "name": settings.SESSION_COOKIE_NAME,
        "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
        "url": url,
    }


@pytest.fixture(scope="session")
def pictures() -> Path:
    return Path(settings.BASE_DIR) / "docs" / "screenshots"
