"""Reading and checking a mapping: a YAML file, or the same as a connector's JSON settings.

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

Everything that can be wrong without seeing a record is found here. It reads no file and writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final

from connectors.faults import MappingMalformed, UnknownField
from connectors.mapping import FieldSource, RowMapping, checked
from connectors.rows import RowUnfit
from connectors.targets import TARGETS, Target, Whole

MAX_YAML_BYTES: Final = 256 * 1024

_KEYS: Final = frozenset(("target", "remote_id", "fields", "about", "id_prefix", "withdrawn_when", "local"))
_FIELD_KEYS: Final = frozenset(("from", "constant", "type", "required", "values", "separator"))


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
    source = FieldSource(
        name=name,
        field=field,
        column=_text(said, "from") or None,
        constant=said.get("constant"),
        type=field.type,
        required=field.required or said.get("required") is True,
        values=_object(said, "values"),
        separator=_text(said, "separator") or "；",
    )
    return source if source.column is not None else replace(source, constant=_constant(source))


def _constant(source: FieldSource) -> Any:
    """Return a constant as its field holds it; raises MappingMalformed if it cannot."""
    if source.required and source.constant is None:
        raise MappingMalformed(
            f"字段 {source.name} 不能为空。", f"The field {source.name} cannot be empty.", path=source.name
        )
    try:
        return None if source.constant is None else checked(source, source.constant, lambda zh, en: None)
    except RowUnfit as unfit:
        raise MappingMalformed(unfit.message_zh, unfit.message_en, path=source.name) from unfit


def _about(target: Target, about: Mapping[str, Any]) -> Mapping[str, Any]:
    for key, wanted in (target.about if isinstance(target, Whole) else {}).items():
        if not _has_form(wanted, about.get(key)):
            raise MappingMalformed(
                f"about.{key} 缺失或形式不对。", f"about.{key} is missing or of the wrong form.", path=key
            )
    return about


def _has_form(wanted: Any, value: Any) -> bool:
    """Say whether `value` is as a target's `about` wants it: a type, one of some choices, an object, or a list of such."""
    if isinstance(wanted, type):
        return isinstance(value, wanted) and bool(value)
    if isinstance(wanted, tuple):
        return value in wanted
    if isinstance(wanted, list):
        return isinstance(value, list) and all(_has_form(wanted[0], each) for each in value)
    return isinstance(value, dict) and all(_has_form(each, value.get(key)) for key, each in wanted.items())


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
