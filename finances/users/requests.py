"""The request as views see it once IsAuthenticated, the default, has let it through."""

from rest_framework.request import Request

from finances.users.models import User


class SignedInRequest(Request):
    user: User
