"""Table of the verdicts on files that somebody brought: what was found, never the file."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from hub.database import Code, Json, Record


class KeptVerdict(Record):
    """The newest verdict on a file that was brought to be verified; kept a week."""

    __tablename__ = "kept_verdicts"

    sha256: Mapped[Code] = mapped_column(primary_key=True)  # of the file, lower-case hexadecimal
    at: Mapped[datetime] = mapped_column(index=True)
    verdict: Mapped[Json]  # {findings, signatures} as `hub.verdicts.asking` writes them
