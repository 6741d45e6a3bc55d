"""People and their logins."""

import unicodedata
import uuid
from collections.abc import Iterable
from datetime import date
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo

from asgiref.sync import sync_to_async
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone

from finances import errors
from finances.audit.trail import is_in_request, record
from finances.models import TimestampedModel
from finances.users.erasure import erase_traces
from finances.users.principal_cache import changing
from finances.users.validators import validate_currency, validate_time_zone


def normalize_login(email: str) -> str:
    """The one form in which an address is stored and looked up.

    Databases disagree on case and on look-alikes (a PostgreSQL `iexact` finds mike@ for mıke@); equal strings do not.
    """
    folded = unicodedata.normalize("NFKC", email.strip()).casefold()
    return unicodedata.normalize("NFKC", folded)


class UserQuerySet(models.QuerySet["User"]):
    def manageable_by(self, actor: "User") -> Self:
        """Those whom this member of staff may change: only superusers manage staff."""
        return self if actor.is_superuser else self.filter(is_staff=False, is_superuser=False)

    def set_active(self, active: bool) -> int:
        """Disable or enable accounts and end their tokens and sessions; how many were changed by it."""
        now = timezone.now()
        with changing():
            # In one order, so that two at once cannot each wait for the other.
            others = self.exclude(is_active=active).order_by("pk").select_for_update(no_key=True)
            users = User.objects.filter(pk__in=list(others.values_list("pk", flat=True)))
            users._sessions().revoke(now)
            return users.update(is_active=active, token_version=F("token_version") + 1, updated_at=now)

    def _sessions(self) -> Any:
        model: Any = User._meta.get_field("sessions").related_model
        return model.objects.filter(user__in=self)

    def lock(self, pk: uuid.UUID) -> "User":
        """The row, which nobody else changes until the transaction ends. Raises NotFound when it is gone."""
        user: User | None = self.select_for_update(no_key=True).filter(pk=pk).first()
        if user is None:
            raise errors.NotFound("Not found.")
        return user

    def update(self, **changes: Any) -> int:
        with changing():
            return super().update(**changes)

    def update_one(self, pk: uuid.UUID, **changes: Any) -> int:
        """`update` of one of them, after which the others need not be read anew."""
        with changing(pk):
            return super(UserQuerySet, self.filter(pk=pk)).update(**changes)

    def delete(self) -> tuple[int, dict[str, int]]:
        with changing():
            erase_traces(self)
            return super().delete()

    def bulk_create(self, objs: Iterable["User"], *args: Any, **options: Any) -> list["User"]:
        """Which updates instead where told so."""
        with changing():
            return super().bulk_create(objs, *args, **options)

    def replace_password(self, encoded: str, **changes: Any) -> int:
        """Store a hashed password, and whatever comes with it, and end all tokens; how many rows it met."""
        changes |= {"token_version": F("token_version") + 1, "updated_at": timezone.now()}
        return self.update(password=encoded, **changes)


class LoginManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=normalize_login(email), **fields)
        user.set_password(password)
        user.save(using=self._db, force_insert=True)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        with transaction.atomic():
            user = self.create_user(email, password, **{**fields, "is_staff": True, "is_superuser": True})
            record("create_superuser", "user", user.pk, actor_id=None)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=normalize_login(username or ""))

    async def aget_by_natural_key(self, username: str | None) -> "User":
        return await sync_to_async(self.get_by_natural_key)(username)


UserManager = LoginManager.from_queryset(UserQuerySet)


class User(AbstractBaseUser, PermissionsMixin, TimestampedModel):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField("e-mail address", max_length=254)
    is_active = models.BooleanField(default=True, help_text="Accounts are disabled rather than deleted.")
    is_staff = models.BooleanField("staff", default=False, help_text="May use the back office and manage people.")
    is_verified = models.BooleanField("e-mail verified", default=False)
    base_currency = models.CharField(max_length=3, default="USD", validators=[validate_currency])
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_time_zone])
    token_version = models.PositiveIntegerField(default=0, editable=False)
    """Every token carries it; a step ends all tokens issued before."""
    privileges_withheld = False

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()

    class Meta:
        # Not `unique=True`, which costs PostgreSQL a second index for LIKE.
        constraints = [models.UniqueConstraint(fields=["email"], name="user_email_unique")]

    def __str__(self) -> str:
        return self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.privileges_withheld:
            raise TypeError("A user whose privileges are withheld is no row to save; use change().")
        stepped = hasattr(self.token_version, "resolve_expression")
        if stepped and kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "token_version"}
        # Django keeps what `set_password` was given until it is saved.
        has_new_password = self._password is not None and not self._state.adding  # type: ignore[attr-defined]
        with changing(self.pk):
            super().save(*args, **kwargs)
            if stepped:
                self.sessions.all().revoke(timezone.now(), of=self.pk)
            if has_new_password and not is_in_request():
                # With `changepassword`, or in a shell.
                record("change_password", "user", self.pk, actor_id=None)
        if stepped:
            # Left on the instance, the expression would step again at the next save.
            self.refresh_from_db(fields=["token_version"])

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        with changing(self.pk):
            erase_traces([self])
            return super().delete(*args, **kwargs)

    def today(self) -> date:
        """The day that it is where they live."""
        return timezone.now().astimezone(ZoneInfo(self.time_zone)).date()

    @classmethod
    def normalize_username(cls, username: str) -> str:
        return normalize_login(username)

    def end_tokens(self) -> None:
        """No token issued so far is taken any more, once this is saved."""
        if not self._state.adding:
            # Stepped by the database: of two changes at once neither hides the other.
            self.token_version = F("token_version") + 1

    def set_password(self, raw_password: str | None) -> None:
        super().set_password(raw_password)
        self.end_tokens()

    def set_unusable_password(self) -> None:
        super().set_unusable_password()
        self.end_tokens()

    def check_password(self, raw_password: str | None) -> bool:
        return check_password(raw_password, self.password, self._upgrade_hash)

    async def acheck_password(self, raw_password: str | None) -> bool:
        return await sync_to_async(self.check_password)(raw_password)

    def _upgrade_hash(self, raw_password: str) -> None:
        """Hash the same password anew, which ends no session; a password changed meanwhile stays."""
        old, self.password = self.password, make_password(raw_password)
        User.objects.filter(password=old).update_one(self.pk, password=self.password)

    def change(self, **values: Any) -> None:
        """Write these columns and no others, so that parallel changes to others last. Raises NotFound when gone."""
        if not values:
            return
        values["updated_at"] = timezone.now()
        if not User.objects.update_one(self.pk, **values):
            raise errors.NotFound
        for name, value in values.items():
            setattr(self, name, value)

    def withhold_privileges(self) -> None:
        """For this request they are no staff. What is not theirs for good must not be saved."""
        self.privileges_withheld = self.is_staff or self.is_superuser
        self.is_staff = self.is_superuser = False

    def is_manageable_by(self, actor: "User") -> bool:
        return actor.is_superuser or not (self.is_staff or self.is_superuser)
