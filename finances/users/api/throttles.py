from typing import Any

from rest_framework.request import Request

from finances.api.throttles import LoginThrottle


class NewEmailThrottle(LoginThrottle):
    """Changing one's address asks for the password: it must be no quicker to guess here than at the login."""

    def allow_request(self, request: Request, view: Any) -> bool:
        asks = request.method == "PATCH" and isinstance(request.data, dict) and "email" in request.data
        return super().allow_request(request, view) if asks else True
