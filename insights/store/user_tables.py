"""Which SQL tables hold who may sign in, and in which browsers they did?"""

from datetime import datetime
from typing import Any

from sqlalchemy import Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from insights.store.tables import Base, Json, SealedRow, Utc


class UserRow(SealedRow, Base):
    """Somebody who may sign in."""

    __tablename__ = "users"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    name: Mapped[str]
    key: Mapped[str] = mapped_column(String, unique=True)  # the name, however it is written
    role: Mapped[str]
    reach: Mapped[dict[str, Any] | None] = mapped_column(Json(none_as_null=True))  # None: everything
    password: Mapped[str]  # its hash by argon2; "" where there is none
    issuer: Mapped[str | None]  # whose word counts for who this is, and how it calls them
    subject: Mapped[str | None]
    disabled: Mapped[bool]


class SessionRow(SealedRow, Base):
    """A browser in which somebody signed in. The id that it holds is kept as its hash alone."""

    __tablename__ = "sessions"

    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[str] = mapped_column(String(36), index=True)
    provider: Mapped[str]
    last_seen: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(Utc, index=True)
    ended_at: Mapped[datetime | None]
    address: Mapped[str]
    agent: Mapped[str]


class InvitationRow(SealedRow, Base):
    """A link by which somebody sets a password, once. Its secret is kept as its hash alone."""

    __tablename__ = "invitations"

    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[str] = mapped_column(String(36), index=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class AttemptRow(Base):
    """An attempt to sign in. What was typed is kept as its hash alone: some type their password where the name belongs."""

    __tablename__ = "sign_in_attempts"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    key_sha256: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[datetime] = mapped_column(Utc, index=True)
