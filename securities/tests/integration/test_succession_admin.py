from datetime import date
from typing import Any

import pytest
from django.test import Client

from finances.testing.plugin import client_of
from finances.testing.yahoo import Script
from finances.users.models import User
from finances.users.tests.factories import UserFactory
from finances.users.tests.races import at_once
from securities.models import Security
from securities.tests.factories import SecurityFactory, store_closes

LIST = "/admin/securities/security/"


def office_of(staff: User) -> Client:
    client = Client()
    client.force_login(staff)
    return client


@pytest.fixture
def chief() -> User:
    return UserFactory.create(is_staff=True, is_superuser=True)


@pytest.fixture
def office(chief: User) -> Client:
    return office_of(chief)


@pytest.fixture
def fb() -> Security:
    return SecurityFactory.create(symbol="FB")


@pytest.fixture
def meta() -> Security:
    return SecurityFactory.create(symbol="META", currency_id="USD")


def page(security: Security) -> str:
    return f"{LIST}{security.pk}/change/"


def save(office: Client, security: Security, **changes: Any) -> Any:
    """Post the page as it stands, with changes."""
    fields = ("symbol", "name", "security_type", "exchange", "currency", "time_zone", "sector", "industry", "isin",
              "inactive_reason", "successor")  # fmt: skip
    sent = {name: security.serializable_value(name) or "" for name in fields}
    sent |= {"is_active": "on"} if security.is_active else {}
    for inline in ("splits", "dividends"):
        sent |= {f"{inline}-TOTAL_FORMS": 0, f"{inline}-INITIAL_FORMS": 0}
    return office.post(page(security), {**sent, **changes})


def errors(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 200
    return {name: list(found) for name, found in response.context["adminform"].form.errors.items()}


def test_link_and_unlink(office: Client, fb: Security, meta: Security) -> None:
    linked = save(office, fb, successor=meta.pk, is_active="", inactive_reason="RENAMED")

    fb.refresh_from_db()
    assert linked.status_code == 302
    assert (fb.successor, fb.is_active, fb.inactive_reason) == (meta, False, "RENAMED")

    assert save(office, fb, successor="").status_code == 302
    fb.refresh_from_db()
    assert (fb.successor, fb.is_active, fb.inactive_reason) == (None, False, "RENAMED")


def test_the_page_offers_listed_ones_alone(office: Client, alice: User, fb: Security, meta: Security) -> None:
    SecurityFactory.create(symbol="METAL", owner=alice)
    asked = {"app_label": "securities", "model_name": "security", "field_name": "successor", "term": "meta"}

    found = office.get("/admin/autocomplete/", asked).json()["results"]

    assert found == [{"id": str(meta.pk), "text": "META"}]
    assert 'name="successor"' in office.get(page(fb)).content.decode()


def test_what_is_no_successor(office: Client, alice: User, fb: Security, meta: Security) -> None:
    own = SecurityFactory.create(symbol="HOUSE", owner=alice)
    euro = SecurityFactory.create(symbol="EURO", currency__code="EUR")
    other = SecurityFactory.create(symbol="OTHER", successor=meta)

    assert errors(save(office, fb, successor=own.pk)).keys() == {"successor"}
    assert errors(save(office, fb, successor=euro.pk)) == {
        "successor": ["Prices in two currencies are not one history."]
    }
    assert errors(save(office, fb, successor=meta.pk)) == {
        "successor": ["Security with this Successor already exists."]
    }
    for successor in (meta, other):
        assert errors(save(office, meta, successor=successor.pk))["successor"][0] == (
            "This security is itself a successor of the one chosen."
        )
    assert errors(save(office, fb, inactive_reason="DELISTED")) == {
        "__all__": ["An active security has no reason to be inactive."]
    }
    fb.refresh_from_db()
    assert fb.successor is None


def test_a_manual_one_stays_its_owners_and_has_no_successor(
    office: Client, alice: User, charlie: User, meta: Security
) -> None:
    own = SecurityFactory.create(symbol="HOUSE", owner=alice)

    assert save(office, own, successor=meta.pk, owner=charlie.pk, name="Hut").status_code == 302

    own.refresh_from_db()
    assert (own.name, own.owner, own.successor) == ("Hut", alice, None)


def test_a_symbol_in_use_is_refused(office: Client, fb: Security, meta: Security) -> None:
    assert errors(save(office, fb, symbol="META")).keys() == {"__all__"}


def test_the_list_tells_listed_from_manual(office: Client, alice: User, fb: Security) -> None:
    own = SecurityFactory.create(symbol="HOUSE", owner=alice)

    def shown(**parameters: str) -> list[Security]:
        return list(office.get(LIST, parameters).context["cl"].result_list)

    assert shown(kept_by="yahoo") == [fb]
    assert shown(kept_by="hand") == [own]
    assert shown() == [fb, own]
    assert shown(inactive_reason__exact="RENAMED") == []


@pytest.mark.django_db(transaction=True)
def test_manual_ones_are_not_synced(office: Client, alice: User, fake_yahoo: Script) -> None:
    own = SecurityFactory.create(symbol="HOUSE", owner=alice)
    listed = SecurityFactory.create(symbol="ACME")
    fake_yahoo.add("ACME", closes={date(2022, 12, 28): 10.0})
    fake_yahoo.add("HOUSE", closes={date(2022, 12, 28): 10.0})

    chosen = {"action": "sync_now", "_selected_action": [own.pk, listed.pk]}
    response = office.post(LIST, chosen, follow=True)

    assert [str(message) for message in response.context["messages"]] == ["HOUSE: kept by hand, never synced."]
    assert {call[1] for call in fake_yahoo.calls} == {"ACME"}


def test_the_chart_is_the_continuous_one(office: Client, fb: Security, meta: Security) -> None:
    store_closes(fb, {date(2022, 6, 8): 1.0})
    store_closes(meta, {date(2022, 6, 9): 2.0})
    Security.objects.filter(pk=fb.pk).update(successor=meta)

    assert office.get(f"{LIST}{meta.pk}/prices").json()["closes"] == [1.0, 2.0]


@pytest.mark.django_db(transaction=True)
def test_links_at_once_never_make_a_cycle(chief: User) -> None:
    for _ in range(3):
        ring = [SecurityFactory.create() for _ in range(4)]
        offices = [office_of(chief) for _ in ring]
        calls = [
            lambda client=client, one=one, after=after: save(client, one, successor=after.pk)
            for client, one, after in zip(offices, ring, [*ring[1:], ring[0]], strict=True)
        ]

        answers = at_once(calls_without_bodies(calls))

        assert [status for status, _ in answers] == [200, 302, 302, 302]
        assert Security.objects.filter(pk__in=[one.pk for one in ring], successor=None).count() == 1
    assert client_of(chief).get("/api/v1/securities").status_code == 200


def calls_without_bodies(calls: list[Any]) -> list[Any]:
    """The pages are HTML: only their status counts."""

    def bare(call: Any) -> Any:
        response = call()
        response.content = b""
        return response

    return [lambda call=call: bare(call) for call in calls]
