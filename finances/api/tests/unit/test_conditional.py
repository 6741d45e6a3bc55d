import gzip
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import RequestFactory

from finances.api.compression import CompressionMiddleware, accepts_gzip
from finances.api.conditional import entity_tag, tag_held, tagged

LONG = {"text": "a" * 2000}
RATES = "/api/v1/currencies/EUR/rates"


def request(path: str = RATES, **headers: str) -> HttpRequest:
    return RequestFactory().get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


@pytest.mark.parametrize(
    ("offered", "accepted"),
    [
        ("", False), ("gzip", True), ("deflate, gzip;q=1.0, *;q=0.5", True), ("GZIP", True), ("gzip;q=0", False),
        ("gzip; q=0.000", False), ("gzip;q=0.001", True), ("br", False), ("x-gzip-like", False),
    ],
)  # fmt: skip
def test_accepts_gzip(offered: str, accepted: bool) -> None:
    assert accepts_gzip(request(Accept_Encoding=offered)) is accepted


def test_tags_are_strong_and_tell_apart() -> None:
    tags = {entity_tag("a", 1), entity_tag("a", "1"), entity_tag("a1"), entity_tag(("a", 1))}

    assert len(tags) == 4
    assert all(tag[0] == tag[-1] == '"' for tag in tags)


@pytest.mark.parametrize(
    ("header", "held"),
    [
        ('"x"', '"x"'), ('W/"x"', '"x"'), ('"x-gzip"', '"x-gzip"'), ('"y", "x-gzip"', '"x-gzip"'), ("*", '"x"'),
        ('"y"', None), ("", None), ("x", None), ('"x', None),
    ],
)  # fmt: skip
def test_what_a_client_holds(header: str, held: str | None) -> None:
    assert tag_held(request(If_None_Match=header), '"x"') == held


def through(asked: HttpRequest, response: HttpResponse) -> Any:
    return CompressionMiddleware(lambda _: response)(asked)


def test_large_json_is_compressed_the_same_each_time() -> None:
    first, second = (
        through(request(Accept_Encoding="gzip"), tagged(JsonResponse(LONG), '"x"')) for _ in ("first", "second")
    )

    assert first.content == second.content
    assert gzip.decompress(first.content) == JsonResponse(LONG).content
    assert (first["ETag"], first["Content-Encoding"], first["Vary"]) == ('"x-gzip"', "gzip", "Accept-Encoding")
    assert first["Content-Length"] == str(len(first.content))


@pytest.mark.parametrize(
    ("path", "body", "offered"),
    [
        (RATES, LONG, "br"),
        (RATES, {"text": "a" * 500}, "gzip"),
        ("/api/v1/auth/login", LONG, "gzip"),
        ("/api/v1/users/me", LONG, "gzip"),
        ("/admin/", LONG, "gzip"),
    ],
)
def test_what_is_sent_as_it_is(path: str, body: dict[str, str], offered: str) -> None:
    response = through(request(path, Accept_Encoding=offered), JsonResponse(body))

    assert not response.has_header("Content-Encoding")
    assert response.content == JsonResponse(body).content


def test_what_is_compressed_already_stays() -> None:
    packed = HttpResponse(b"z" * 2000, content_type="application/json", headers={"Content-Encoding": "gzip"})

    assert through(request(Accept_Encoding="gzip"), packed).content == b"z" * 2000


def test_a_body_that_may_come_compressed_says_so() -> None:
    assert through(request(), JsonResponse(LONG))["Vary"] == "Accept-Encoding"
