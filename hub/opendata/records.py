"""Tables of open data: data sets with their current release, indicators and their points."""

from __future__ import annotations

import enum
from datetime import date
from decimal import Decimal

from sqlalchemy import ForeignKey, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hub.database import Code, Json, LongCode, Name, Prose, Record, closed_list
from hub.replicas import Replicated


class Openness(enum.StrEnum):
    """开放属性."""

    UNCONDITIONAL = "UNCONDITIONAL"  # 无条件开放
    CONDITIONAL = "CONDITIONAL"  # 有条件开放
    CLOSED = "CLOSED"  # 不予开放


class Dataset(Replicated, Record):
    """A data set and its newest release; earlier releases stand in the ledger."""

    __tablename__ = "datasets"
    __table_args__ = (UniqueConstraint("origin", "record_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[Code] = mapped_column(unique=True)
    region: Mapped[Code]
    title_zh: Mapped[Name]
    title_en: Mapped[Name | None]
    abstract_zh: Mapped[Prose | None]
    openness: Mapped[Openness] = mapped_column(closed_list(Openness, "openness"))
    update_frequency: Mapped[Code]
    reuse_terms_name_zh: Mapped[Name]
    reuse_terms_url: Mapped[LongCode]
    source_title_zh: Mapped[Name]
    source_publisher_zh: Mapped[Name]
    release: Mapped[int]
    released_on: Mapped[date]
    rows: Mapped[int]
    fields: Mapped[Json]
    distributions: Mapped[Json]
    indicators: Mapped[list[Indicator]] = relationship(
        lazy="raise", order_by="Indicator.position", cascade="all, delete-orphan", passive_deletes=True
    )


class Indicator(Record):
    """One published figure, by code."""

    __tablename__ = "indicators"
    __table_args__ = (UniqueConstraint("dataset_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("datasets.id", ondelete="CASCADE"))
    position: Mapped[int]
    code: Mapped[Code]
    chapter: Mapped[Code]
    name_zh: Mapped[Name]
    unit: Mapped[Code]
    points: Mapped[list[IndicatorPoint]] = relationship(
        lazy="raise", order_by="IndicatorPoint.period", cascade="all, delete-orphan", passive_deletes=True
    )


class IndicatorPoint(Record):
    """The figure of one period: the value, how exact it is, and as it was printed."""

    __tablename__ = "indicator_points"

    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicators.id", ondelete="CASCADE"), primary_key=True)
    period: Mapped[Code] = mapped_column(primary_key=True)
    value: Mapped[Decimal] = mapped_column(Numeric(24, 6))
    qualifier: Mapped[Code]
    as_printed: Mapped[Name]
    period_note: Mapped[Name | None]
    year_on_year_percent: Mapped[Decimal | None] = mapped_column(Numeric(12, 4))
