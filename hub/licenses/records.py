"""Table of license types (电子证照目录, GB/T 36902); licenses themselves come with the four electronics."""

from __future__ import annotations

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hub.database import Code, Json, Name, Record
from hub.replicas import Replicated


class LicenseType(Replicated, Record):
    """One kind of license with its face elements."""

    __tablename__ = "license_types"
    __table_args__ = (UniqueConstraint("origin", "record_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[Code] = mapped_column(unique=True)  # 21 characters
    name_zh: Mapped[Name]
    name_en: Mapped[Name | None]
    authority_name_zh: Mapped[Name]
    authority_uscc: Mapped[Code]
    holder_kind: Mapped[Code]
    face_elements: Mapped[Json]  # [{key, name_zh, type, required}]
    code_is_demonstration: Mapped[bool]
