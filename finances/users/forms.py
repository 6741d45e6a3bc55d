"""The back office's forms for people."""

from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm

from finances.users.models import User, normalize_login


class NormalizedEmail:
    """Clean the address before uniqueness is checked."""

    cleaned_data: dict[str, str]

    def clean_email(self) -> str:
        return normalize_login(self.cleaned_data["email"])


class AddUserForm(NormalizedEmail, AdminUserCreationForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = ("email",)


class ChangeUserForm(NormalizedEmail, UserChangeForm):  # type: ignore[type-arg]
    password = None  # type: ignore[assignment]  # Django's field shows a summary of the hash

    class Meta:
        model = User
        fields = "__all__"  # noqa: DJ007 - the admin's fieldsets decide
