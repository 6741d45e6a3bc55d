"""Django's middleware of sessions, where there are any: in the back office. The API knows its users by their tokens."""

from typing import cast

from django.contrib.auth import middleware as auth
from django.contrib.messages import middleware as messages
from django.contrib.sessions import middleware as sessions
from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin

BACK_OFFICE = "/admin/"


class InBackOffice(MiddlewareMixin):
    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(BACK_OFFICE):
            return cast("HttpResponse", super().__call__(request))
        return cast("HttpResponse", self.get_response(request))


class SessionMiddleware(InBackOffice, sessions.SessionMiddleware): ...


class AuthenticationMiddleware(InBackOffice, auth.AuthenticationMiddleware): ...


class MessageMiddleware(InBackOffice, messages.MessageMiddleware): ...
