"""Login and the signed-in user."""

from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

import jwt
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from fastapi import APIRouter, Depends, HTTPException
from fastapi.concurrency import run_in_threadpool
from fastapi.security import OAuth2PasswordBearer
from sqlalchemy import select

from benchmarks.fastapi_baseline.database import JWT_SIGNING_KEY, Session
from benchmarks.fastapi_baseline.models import User
from benchmarks.fastapi_baseline.schemas import Credentials, TokenPair

router = APIRouter(prefix="/auth")
bearer = OAuth2PasswordBearer(tokenUrl="/api/v1/auth/login")
# The parameters of Django's hasher, which the product uses unchanged.
hasher = PasswordHasher(time_cost=2, memory_cost=102_400, parallelism=8)
LIFETIMES = {"access": timedelta(hours=12), "refresh": timedelta(days=7)}


def sign(user: User, kind: str) -> str:
    claims = {"sub": str(user.id), "type": kind, "exp": datetime.now(UTC) + LIFETIMES[kind]}
    return jwt.encode(claims, JWT_SIGNING_KEY, algorithm="HS256")


async def current_user(session: Session, token: Annotated[str, Depends(bearer)]) -> User:
    try:
        claims = jwt.decode(token, JWT_SIGNING_KEY, algorithms=["HS256"])
        key = UUID(claims["sub"]) if claims["type"] == "access" else None
    except (jwt.PyJWTError, KeyError, ValueError) as error:
        raise HTTPException(401, "Could not validate credentials") from error
    user = await session.get(User, key) if key else None
    if user is None or not user.is_active:
        raise HTTPException(401, "Could not validate credentials")
    return user


CurrentUser = Annotated[User, Depends(current_user)]


@router.post("/login")
async def login(session: Session, sent: Credentials) -> TokenPair:
    user = await session.scalar(select(User).where(User.email == sent.email.lower()))
    try:
        # In a thread: a hash takes long enough to hold up every other request.
        await run_in_threadpool(hasher.verify, user.password if user else "", sent.password)
    except VerifyMismatchError as error:
        raise HTTPException(401, "Incorrect email or password") from error
    if user is None:
        raise HTTPException(401, "Incorrect email or password")
    return TokenPair(access_token=sign(user, "access"), refresh_token=sign(user, "refresh"))
