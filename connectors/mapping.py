"""From a source's columns to a target's fields: a mapping is data (a YAML file), checked when it is loaded.

    target: service_point          # a name in connectors.targets
    remote_id: [编号]               # the columns that identify a record at the source
    fields:
      code: 编号                    # a field from a column, or in full:
      kind: {from: 类别, values: {大厅: HALL}, required: true, type: text, separator: ；}
      demonstration: {constant: false}
    about: {...}                   # only for targets that make one record of all
    id_prefix: qindu-              # put before the record's id, where two sources use the same ids
    withdrawn_when: {from: 状态, is: [停用]}   # the source's own word that a record is no longer public
    local: [address_zh]            # fields this hub's people own: their change outweighs the source's

It converts and checks; it reads no file and writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from connectors.faults import MappingMalformed, UnknownColumn, UnknownField
from connectors.protocol import RawRow
from connectors.rows import RowIncomplete, RowRefused, RowUnfit, value_class
from connectors.targets import TARGETS, Each, Field, Target, Whole
from connectors.values import FieldType, Unfit, Warn, converted

MAX_YAML_BYTES: Final = 256 * 1024
MAX_REMOTE_ID: Final = 160

_KEYS: Final = frozenset(("target", "remote_id", "fields", "about", "id_prefix", "withdrawn_when", "local"))
_FIELD_KEYS: Final = frozenset(("from", "constant", "type", "required", "values", "separator"))


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
        if len(remote_id) > MAX_REMOTE_ID:
            raise _unfit(self.remote_id[0], remote_id, "标识过长", "the identifier is too long")
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


def read_yaml(text: str) -> dict[str, Any]:
    """Return a mapping file's document as plain JSON, to be kept in a connector's settings. Raises MappingMalformed."""
    import yaml

    if len(text.encode()) > MAX_YAML_BYTES:
        raise MappingMalformed("映射文件过长。", "The mapping file is too long.")
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = 0 if mark is None else mark.line + 1
        raise MappingMalformed(
            f"映射文件第 {line} 行不是有效的 YAML。", f"Line {line} of the mapping is no YAML."
        ) from error
    if not isinstance(document, dict):
        raise MappingMalformed("映射文件应为键值对照。", "A mapping file holds keys and values.")
    plain = _plain(document)
    load(plain)
    return dict(plain)


def load(document: Mapping[str, Any]) -> RowMapping:
    """Return the mapping in `document`. Raises MappingMalformed, UnknownField, with the key it found wrong."""
    _only(document, _KEYS, "")
    target = TARGETS.get(str(document.get("target")))
    if target is None:
        raise MappingMalformed(
            f"target 只能是：{'、'.join(TARGETS)}。", f"The target is one of: {', '.join(TARGETS)}.", path="target"
        )
    withdrawn = _object(document, "withdrawn_when")
    _only(withdrawn, frozenset(("from", "is")), "withdrawn_when.")
    return RowMapping(
        target=target,
        remote_id=_texts(document, "remote_id", at_least=1),
        fields=_fields(target, _object(document, "fields")),
        about=_about(target, _object(document, "about")),
        id_prefix=_text(document, "id_prefix"),
        withdrawn_column=_text(withdrawn, "from") or None,
        withdrawn_values=frozenset(_texts(withdrawn, "is")),
        local=frozenset(_known(target, name) for name in _texts(document, "local")),
    )


def _fields(target: Target, given: Mapping[str, Any]) -> tuple[FieldSource, ...]:
    sources = tuple(_field(target, name, how) for name, how in given.items())
    for name, field in target.fields.items():
        if field.required and name not in given:
            raise MappingMalformed(
                f"必填字段 {name} 没有来源。", f"The field {name} must come from somewhere.", path=name
            )
    return sources


def _field(target: Target, name: str, how: Any) -> FieldSource:
    field = target.fields[_known(target, name)]
    said = {"from": how} if isinstance(how, str) else how
    if not isinstance(said, dict) or ("from" in said) == ("constant" in said):
        raise MappingMalformed(
            f"字段 {name} 须有 from 或 constant 之一。", f"The field {name} has either `from` or `constant`.", path=name
        )
    _only(said, _FIELD_KEYS, f"{name}.")
    if said.get("type", field.type) != field.type:
        raise MappingMalformed(
            f"字段 {name} 的类型是 {field.type}。", f"The field {name} is of type {field.type}.", path=name
        )
    return FieldSource(
        name=name,
        field=field,
        column=_text(said, "from") or None,
        constant=said.get("constant"),
        type=field.type,
        required=field.required or said.get("required") is True,
        values=_object(said, "values"),
        separator=_text(said, "separator") or "；",
    )


def _about(target: Target, about: Mapping[str, Any]) -> Mapping[str, Any]:
    wanted = target.about if isinstance(target, Whole) else {}
    for key, kind in wanted.items():
        if not isinstance(about.get(key), kind):
            raise MappingMalformed(
                f"about.{key} 缺失或形式不对。", f"about.{key} is missing or of the wrong form.", path=key
            )
    return about


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
    return _checked(source, value, _about_column(source.column, warn))


def _checked(source: FieldSource, value: Any, warn: Warn) -> Any:
    column = source.column or ""
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


def _known(target: Target, name: str) -> str:
    if name not in target.fields:
        raise UnknownField(name, tuple(target.fields))
    return name


def _only(document: Mapping[str, Any], keys: frozenset[str], where: str) -> None:
    for key in document:
        if key not in keys:
            raise MappingMalformed(
                f"映射中的键 {where}{key} 不认识。", f"The mapping's key {where}{key} is unknown.", path=key
            )


def _object(document: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = document.get(key) or {}
    if not isinstance(value, dict):
        raise MappingMalformed(
            f"映射中的 {key} 应为键值对照。", f"{key} in the mapping holds keys and values.", path=key
        )
    return value


def _text(document: Mapping[str, Any], key: str) -> str:
    value = document.get(key, "")
    if not isinstance(value, str):
        raise MappingMalformed(f"映射中的 {key} 应为文字。", f"{key} in the mapping is text.", path=key)
    return value


def _texts(document: Mapping[str, Any], key: str, at_least: int = 0) -> tuple[str, ...]:
    value = document.get(key) or []
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or len(listed) < at_least or not all(isinstance(each, str) for each in listed):
        raise MappingMalformed(f"映射中的 {key} 应为文字列表。", f"{key} in the mapping is a list of texts.", path=key)
    return tuple(listed)


def _plain(value: Any) -> Any:
    """Return YAML's values as JSON's: its dates become text again."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value
