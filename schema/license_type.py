"""License types (电子证照目录, GB/T 36902) with their face elements (照面信息)."""

from __future__ import annotations

import strawberry

from hub.licenses.queries import LicenseType as TypeRecord
from schema.declare import HERE, PUBLIC, Key, mapped, noun
from schema.nodes import Node, identified
from schema.provenance import Provenance, provenance


@noun(zh="定义证照的机构。", en="The body that defines a license type.")
class DefiningAuthority:
    """Read from the license type's row."""

    name_zh: str = mapped(TypeRecord.authority_name_zh, access=PUBLIC, zh="机构名称。", en="Its name, in Chinese.")
    uscc: str = mapped(
        TypeRecord.authority_uscc, access=PUBLIC, zh="统一社会信用代码。", en="Its unified social credit code."
    )


@noun(zh="照面信息项。", en="A face element.")
class FaceElement:
    """A member of `face_elements`."""

    key: str = mapped(Key("key"), access=PUBLIC, zh="项的键。", en="Its key.")
    name_zh: str = mapped(Key("name_zh"), access=PUBLIC, zh="项的名称。", en="Its name, in Chinese.")
    type: str = mapped(Key("type"), access=PUBLIC, zh="值的类型。", en="Type of its value.")
    required: bool = mapped(Key("required"), access=PUBLIC, zh="是否必填。", en="Whether it must be there.")


@noun(zh="电子证照类型。", en="A type of license.", record=TypeRecord)
class LicenseType(Node):
    """Read from the license type's row."""

    id: strawberry.ID = identified(TypeRecord, "license_type")
    code: str = mapped(
        TypeRecord.code, access=PUBLIC, zh="证照类型代码，21 位。", en="Code of the type, 21 characters."
    )
    name_zh: str = mapped(TypeRecord.name_zh, access=PUBLIC, zh="中文名称。", en="Name in Chinese.")
    name_en: str | None = mapped(TypeRecord.name_en, access=PUBLIC, zh="英文名称。", en="Name in English.")
    defining_authority: str = mapped(
        TypeRecord.authority_name_zh, access=PUBLIC, zh="定义机构名称。", en="Name of the body that defines it."
    )
    authority: DefiningAuthority = mapped(HERE, access=PUBLIC, zh="定义机构。", en="The body that defines it.")
    holder_kind: str = mapped(TypeRecord.holder_kind, access=PUBLIC, zh="持证主体类别。", en="Who can hold it.")
    face_elements: list[FaceElement] = mapped(
        TypeRecord.face_elements, access=PUBLIC, zh="照面信息项。", en="Its face elements."
    )
    code_is_demonstration: bool = mapped(
        TypeRecord.code_is_demonstration, access=PUBLIC, zh="代码是否为演示编造。", en="Whether the code is made up."
    )
    provenance: Provenance = provenance("license_type")
