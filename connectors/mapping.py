"""From a source's columns to a target's fields, record by record, as a checked mapping says (connectors.mapping_file).

It converts and refuses; it reads no file, knows no source and writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from connectors.faults import UnknownColumn
from connectors.protocol import RawRow
from connectors.rows import RowIncomplete, RowRefused, RowUnfit, value_class
from connectors.targets import Each, Field, Target
from connectors.values import FieldType, Unfit, Warn, converted, writable

MAX_REMOTE_ID: Final = 160


@dataclass(frozen=True, slots=True)
class FieldSource:
    """Where one field comes from: a `column`, or a `constant`; and how it is read."""

    name: str
    field: Field
    column: str | None
    constant: Any
    type: FieldType
    required: bool
    values: Mapping[str, Any]
    separator: str


@dataclass(frozen=True, slots=True)
class RowMapping:
    """A checked mapping."""

    target: Target
    remote_id: tuple[str, ...]
    fields: tuple[FieldSource, ...]
    about: Mapping[str, Any]
    id_prefix: str
    withdrawn_column: str | None
    withdrawn_values: frozenset[str]
    local: frozenset[str]

    def check_columns(self, columns: tuple[str, ...]) -> list[str]:
        """Return the columns nothing is taken from. Raises UnknownColumn if one that is named is not among `columns`.

        A source that could not tell its columns (an empty list) passes: there is no record to misread either.
        """
        named = [*self.remote_id, *(source.column for source in self.fields if source.column is not None)]
        named += [self.withdrawn_column] if self.withdrawn_column is not None else []
        for column in named if columns else ():
            if column not in columns:
                raise UnknownColumn(column, columns)
        return [column for column in columns if column not in named]

    def remote_id_of(self, row: RawRow) -> str:
        """Return the record's identity at the source. Raises RowIncomplete, RowUnfit."""
        parts = []
        for column in self.remote_id:
            value = row.fields.get(column)
            if isinstance(value, (bool, list, dict)):
                raise _unfit(column, value, "应为文字或数字", "text or a number was expected")
            text = "" if value is None else str(value).strip()
            if not text:
                raise _incomplete(column, value)
            parts.append(text)
        remote_id = "/".join(parts)
        if len(remote_id) > MAX_REMOTE_ID or not writable(remote_id):
            raise _unfit(
                self.remote_id[0],
                remote_id,
                "标识过长或含有不能保存的字符",
                "the identifier is too long or cannot be kept",
            )
        return remote_id

    def is_withdrawn(self, row: RawRow) -> bool:
        """Say whether the source itself says that this record is no longer public."""
        return self.withdrawn_column is not None and str(row.fields.get(self.withdrawn_column)) in self.withdrawn_values

    def values_of(self, row: RawRow, warn: Warn) -> dict[str, Any]:
        """Return the record's values by field, every field of the target; `warn` is told what was tolerated. Raises RowRefused."""
        if row.fault_zh is not None:
            raise RowRefused(row.fault_zh, row.fault_en or "")
        values = {name: _default(field) for name, field in self.target.fields.items()}
        for source in self.fields:
            values[source.name] = _value_of(source, row, warn)
        if self.id_prefix and isinstance(self.target, Each):
            values[self.target.identity] = self.id_prefix + str(values[self.target.identity])
        return values


def _value_of(source: FieldSource, row: RawRow, warn: Warn) -> Any:
    if source.column is None:
        return source.constant
    value = row.fields.get(source.column)
    if isinstance(value, str):
        value = source.values.get(value.strip(), value.strip())
    if value is None or value == "":
        if source.required:
            raise _incomplete(source.column, row.fields.get(source.column))
        if value is None and source.type is FieldType.LIST:
            warn(
                f"列“{source.column}”：应为列表，来源给的是空值",
                f"column {source.column}: null where a list was expected",
            )
        return _default(source.field)
    return checked(source, value, _about_column(source.column, warn))


def checked(source: FieldSource, value: Any, warn: Warn) -> Any:
    """Return a value that is not empty as the field's type, within its length, list and limits. Raises RowUnfit."""
    column = source.column or source.name
    try:
        result = converted(source.type, value, warn, separator=source.separator)
    except Unfit as unfit:
        raise _unfit(column, value, unfit.zh, unfit.en) from unfit
    field = source.field
    if field.choices and result not in field.choices:
        raise _unfit(
            column, value, f"应为 {'、'.join(field.choices)} 之一", f"expected one of {', '.join(field.choices)}"
        )
    if isinstance(result, str) and len(result) > field.max_length:
        raise _unfit(column, value, f"超过 {field.max_length} 个字符", f"longer than {field.max_length} characters")
    if source.type is FieldType.DECIMAL and abs(Decimal(result)) >= field.below:
        raise _unfit(column, value, "数字过大", "the number is too large")
    if not writable(result):
        raise _unfit(column, value, "含有不能保存的字符", "it holds characters that cannot be kept")
    if field.members and not all(isinstance(each, dict) and set(each) == set(field.members) for each in result):
        raise _unfit(column, value, f"每项须有 {'、'.join(field.members)}", f"each needs {', '.join(field.members)}")
    return result


def _default(field: Field) -> Any:
    return list(field.default) if isinstance(field.default, tuple) else field.default


def _about_column(column: str, warn: Warn) -> Callable[[str, str], None]:
    return lambda zh, en: warn(f"列“{column}”：{zh}", f"column {column}: {en}")


def _incomplete(column: str, value: Any) -> RowIncomplete:
    return RowIncomplete(
        f"必填列“{column}”为空。",
        f"The required column {column} is empty.",
        field=column,
        value_class=value_class(value),
    )


def _unfit(column: str, value: Any, zh: str, en: str) -> RowUnfit:
    return RowUnfit(f"列“{column}”{zh}。", f"Column {column}: {en}.", field=column, value_class=value_class(value))
