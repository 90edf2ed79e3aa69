"""Open data: data sets with their newest release, and indicators with their points. Nothing personal has a door here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import strawberry

from hub.opendata.queries import DATASET_OF_INDICATOR, POINTS, REGION_OF_DATASET, Openness
from hub.opendata.queries import Dataset as DatasetRecord
from hub.opendata.queries import Indicator as IndicatorRecord
from hub.opendata.queries import IndicatorPoint as PointRecord
from schema import urls
from schema.declare import HERE, PUBLIC, Key, mapped, noun, resolved
from schema.ledger import Checkpoint
from schema.nodes import Node, identified
from schema.provenance import Provenance, provenance, standing_of
from schema.region import Region
from schema.scalars import Long, decimal_text


@noun(zh="再利用条款。", en="Terms of reuse.")
class ReuseTerms:
    """Read from the data set's row."""

    name_zh: str = mapped(
        DatasetRecord.reuse_terms_name_zh, access=PUBLIC, zh="条款名称。", en="Their name, in Chinese."
    )
    url: str = mapped(DatasetRecord.reuse_terms_url, access=PUBLIC, zh="条款网址。", en="Where they are written.")


@noun(zh="数据来源。", en="Where data were published.")
class DataSource:
    """Read from the data set's row."""

    title: str = mapped(DatasetRecord.source_title_zh, access=PUBLIC, zh="来源名称。", en="Title of the source.")
    publisher: str = mapped(DatasetRecord.source_publisher_zh, access=PUBLIC, zh="发布者。", en="Who published it.")


@noun(zh="数据字段。", en="A field of a data set.")
class DatasetField:
    """A member of `fields`."""

    key: str = mapped(Key("key"), access=PUBLIC, zh="字段键。", en="Its key.")
    name_zh: str = mapped(Key("name_zh"), access=PUBLIC, zh="字段名称。", en="Its name, in Chinese.")
    type: str = mapped(Key("type"), access=PUBLIC, zh="值的类型。", en="Type of its values.")


@noun(zh="摘要值。", en="A digest.")
class Digest:
    """A member of `digests`, or an attribute pair."""

    algorithm: str = mapped(Key("algorithm"), access=PUBLIC, zh="杂凑算法。", en="The hash algorithm.")
    value: str = mapped(Key("value"), access=PUBLIC, zh="十六进制值。", en="The value, in hex.")


@dataclass(frozen=True)
class FileOfDataset:
    """A distribution with the row of its data set."""

    dataset: Any
    file: dict[str, Any]
    hub: str


@noun(zh="数据文件。", en="A file of a data set.")
class Distribution:
    """Read from a `FileOfDataset`."""

    @resolved(access=PUBLIC, zh="格式。", en="Its format.")
    def format(root: FileOfDataset) -> str:
        """Return the format."""
        return str(root.file["format"])

    @resolved(access=PUBLIC, zh="文件名。", en="Its name.")
    def name(root: FileOfDataset) -> str:
        """Return the file's name."""
        return str(root.file["name"])

    @resolved(access=PUBLIC, zh="下载地址。", en="Where to download it.")
    def url(root: FileOfDataset) -> str:
        """Return the address on the hub that is the authority."""
        return urls.distribution(root.hub, root.dataset.code, root.file["name"])

    @resolved(access=PUBLIC, zh="字节数。", en="Its size in bytes.")
    def bytes(root: FileOfDataset) -> Long:
        """Return the size."""
        return Long(root.file["bytes"])

    @resolved(access=PUBLIC, zh="行数，不含表头。", en="Rows, without a header.")
    def rows(root: FileOfDataset) -> Long:
        """Return the number of rows."""
        return Long(root.dataset.rows)

    @resolved(access=PUBLIC, zh="摘要值。", en="Its digests.")
    def digests(root: FileOfDataset) -> list[Digest]:
        """Return the digests."""
        return root.file["digests"]  # type: ignore[no-any-return]


@noun(zh="发布版本。", en="A release of a data set.")
class Release:
    """Read from the data set's row."""

    version: int = mapped(
        DatasetRecord.release, access=PUBLIC, zh="发布序号，从 1 起。", en="Number of the release, from 1."
    )
    released_on: date = mapped(DatasetRecord.released_on, access=PUBLIC, zh="发布日期。", en="Day of the release.")
    rows: Long = mapped(DatasetRecord.rows, access=PUBLIC, zh="行数。", en="Rows.")
    provenance: Provenance = provenance("dataset_release")

    @resolved(
        access=PUBLIC, zh="覆盖此版的检查点；签出前为 null。", en="The checkpoint that covers it; null until signed."
    )
    def checkpoint(root: Any, info: strawberry.Info) -> Checkpoint | None:
        """Return the checkpoint that covers the release."""
        return standing_of(info.context, "dataset_release", root).checkpoint  # type: ignore[return-value]


@noun(zh="指标在一个时期的值。", en="An indicator's figure of one period.", record=PointRecord)
class IndicatorPoint:
    """Read from the point's row."""

    period: str = mapped(PointRecord.period, access=PUBLIC, zh="时期。", en="The period.")
    qualifier: str = mapped(
        PointRecord.qualifier, access=PUBLIC, zh="精确程度：exact、approximate、more_than 等。", en="How exact it is."
    )
    as_printed: str = mapped(PointRecord.as_printed, access=PUBLIC, zh="原文写法。", en="As it was printed.")
    period_note: str | None = mapped(PointRecord.period_note, access=PUBLIC, zh="时期说明。", en="Note on the period.")

    @resolved(access=PUBLIC, zh="值，十进制文本。", en="The value, a decimal string.")
    def value(root: Any) -> str:
        """Return the value."""
        return decimal_text(root.value)

    @resolved(access=PUBLIC, zh="同比（%），十进制文本。", en="Year on year in percent, a decimal string.")
    def year_on_year_percent(root: Any) -> str | None:
        """Return the change to the year before."""
        percent = root.year_on_year_percent
        return None if percent is None else decimal_text(percent)


@noun(zh="指标。", en="A published figure, by code.", record=IndicatorRecord)
class Indicator:
    """Read from the indicator's row."""

    code: str = mapped(IndicatorRecord.code, access=PUBLIC, zh="指标代码。", en="Its code.")
    chapter: str = mapped(IndicatorRecord.chapter, access=PUBLIC, zh="所属章节。", en="The chapter it stands in.")
    name_zh: str = mapped(IndicatorRecord.name_zh, access=PUBLIC, zh="指标名称。", en="Its name, in Chinese.")
    unit: str = mapped(IndicatorRecord.unit, access=PUBLIC, zh="计量单位。", en="Its unit.")
    points: list[IndicatorPoint] = mapped(POINTS, access=PUBLIC, zh="各期的值，按时期。", en="Its figures, by period.")
    source: DataSource = mapped(DATASET_OF_INDICATOR, access=PUBLIC, zh="来源。", en="Where it was published.")


@noun(zh="开放数据集。", en="An open data set.", record=DatasetRecord)
class Dataset(Node):
    """Read from the data set's row."""

    id: strawberry.ID = identified(DatasetRecord, "dataset_release")
    code: str = mapped(DatasetRecord.code, access=PUBLIC, zh="代码。", en="Code.")
    title_zh: str = mapped(DatasetRecord.title_zh, access=PUBLIC, zh="中文标题。", en="Title in Chinese.")
    title_en: str | None = mapped(DatasetRecord.title_en, access=PUBLIC, zh="英文标题。", en="Title in English.")
    abstract_zh: str | None = mapped(DatasetRecord.abstract_zh, access=PUBLIC, zh="摘要。", en="Abstract, in Chinese.")
    openness: Openness = mapped(DatasetRecord.openness, access=PUBLIC, zh="开放属性。", en="How open it is.")
    update_frequency: str = mapped(
        DatasetRecord.update_frequency, access=PUBLIC, zh="更新频率。", en="How often it is renewed."
    )
    reuse_terms: ReuseTerms = mapped(HERE, access=PUBLIC, zh="再利用条款。", en="Terms of reuse.")
    source: DataSource = mapped(HERE, access=PUBLIC, zh="来源。", en="Where it was published.")
    fields: list[DatasetField] = mapped(DatasetRecord.fields, access=PUBLIC, zh="字段。", en="Its fields.")
    region: Region | None = mapped(
        REGION_OF_DATASET, access=PUBLIC, zh="发布区域。", en="The region that publishes it."
    )
    release: Release = mapped(HERE, access=PUBLIC, zh="最新发布版本。", en="Its newest release.")
    provenance: Provenance = provenance("dataset_release")

    @resolved(access=PUBLIC, zh="数据文件。", en="Its files.")
    def distributions(root: Any, info: strawberry.Info) -> list[Distribution]:
        """Return the files of the newest release."""
        region = info.context.peers.linked(REGION_OF_DATASET, root)
        own = root.region == info.context.region or region is None
        hub = info.context.public_url if own else region.hub_url or info.context.public_url
        return [FileOfDataset(root, file, hub) for file in root.distributions]  # type: ignore[misc]
