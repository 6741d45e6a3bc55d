"""The back office's door: the API's rules for logins, and one-time codes."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm
from django.http import HttpRequest, HttpResponse

from finances import errors
from finances.audit.site import AuditedSite
from finances.users import totp
from finances.users.clients import read_client
from finances.users.credentials import InvalidCredentials, check_credentials

PROVED_BY = "totp_device"
"""In a session of the back office: the device whose code began it."""
STATUS = {errors.TooManyAttempts: 429, errors.Unavailable: 503}


class LoginForm(AdminAuthenticationForm):
    otp = forms.CharField(
        label="One-time code",
        required=False,
        max_length=32,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}),
        help_text="If you have set one up; a recovery code does as well.",
    )
    otp_verified = False
    refusal: errors.RetryLater | None = None
    user_cache: Any

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = self.cleaned_data
        if "username" not in given or "password" not in given:
            return given
        try:
            self._log_in(given["username"], given["password"], given.get("otp", ""))
        except InvalidCredentials as error:
            raise self.get_invalid_login_error() from error
        except errors.FinancesError as error:
            self.refusal = error if isinstance(error, errors.RetryLater) else None
            raise forms.ValidationError(str(error), code=error.code) from error
        return given

    def _log_in(self, email: str, password: str, otp: str) -> None:
        user: Any
        user, self.otp_verified = check_credentials(email, password, read_client(self.request), otp)
        self.confirm_login_allowed(user)
        self.user_cache = user
        if self.otp_verified:
            self.request.proved_by_code = user  # type: ignore[union-attr]

    def confirm_login_allowed(self, user: Any) -> None:
        super().confirm_login_allowed(user)
        if settings.REQUIRE_STAFF_TOTP and not self.otp_verified:
            raise forms.ValidationError(
                "Staff need a one-time code here. Set one up over the API (auth/totp), or ask an operator "
                "(manage.py enrol_totp).",
                code="totp_needed",
            )


class BackOffice(AuditedSite):
    login_form = LoginForm
    login_template = "admin/login_with_code.html"

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and self._is_proved(request)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response = super().login(request, extra_context)
        if request.user.is_authenticated and request.user is getattr(request, "proved_by_code", None):
            request.session[PROVED_BY] = totp.device_in_use(request.user)
        form = (getattr(response, "context_data", None) or {}).get("form")
        refusal = getattr(form, "refusal", None)
        if refusal is not None:
            response.status_code = next(status for family, status in STATUS.items() if isinstance(refusal, family))
            response["Retry-After"] = str(refusal.retry_after)
        return response

    def _is_proved(self, request: HttpRequest) -> bool:
        if not settings.REQUIRE_STAFF_TOTP:
            return True
        proved_by = request.session.get(PROVED_BY)
        return proved_by is not None and proved_by == totp.device_in_use(request.user)  # type: ignore[arg-type]
