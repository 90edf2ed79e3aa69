"""What can be wrong with an OFD file before anything in it is believed: one class and code each, `at` names the entry or place."""

from __future__ import annotations

from hub.errors import HubError


class OfdMalformed(HubError):
    """The file is not a well-formed OFD package (GB/T 33190), or breaks off.

    Cure: fetch the file again from where it came; a file that never opened cannot be verified.
    """

    code = "ofd.malformed"
    fault_zh, fault_en = "OFD 文件结构有误", "The OFD file is malformed"

    def __init__(self, at: str = "") -> None:
        place_zh, place_en = (f"：{at}", f": {at}") if at else ("", "")
        super().__init__(f"{self.fault_zh}{place_zh}。", f"{self.fault_en}{place_en}.")
        self.at = at


class OfdTooLarge(OfdMalformed):
    """The file, or what is in it, is larger than the hub opens: 64 MiB, 4,096 entries, 128 MiB when inflated.

    Cure: split the document, or attach large material elsewhere.
    """

    code = "ofd.too_large"
    fault_zh, fault_en = "OFD 文件超出可打开的大小", "The OFD file is larger than can be opened"


class OfdExpands(OfdMalformed):
    """An entry inflates to hundreds of times its size: a decompression bomb.

    Cure: none; ask the sender for a genuine file.
    """

    code = "ofd.expands"
    fault_zh, fault_en = "OFD 文件中的条目解压后异常膨胀", "An entry of the OFD file inflates beyond reason"


class OfdPathEscapes(OfdMalformed):
    """An entry or a reference points outside the package: `..`, an absolute path, a backslash, a drive or control characters.

    Cure: none; ask the sender for a genuine file.
    """

    code = "ofd.path_escapes"
    fault_zh, fault_en = "OFD 文件中的路径越出文件包", "A path in the OFD file leaves the package"


class OfdDuplicateEntry(OfdMalformed):
    """Two entries have the same name or share bytes, so two programs could read different documents from one file.

    Cure: ask the maker of the file for one whose entries are unique.
    """

    code = "ofd.duplicate_entry"
    fault_zh, fault_en = "OFD 文件中有重名或重叠的条目", "The OFD file has duplicate or overlapping entries"


class OfdHidden(OfdMalformed):
    """Something that is no entry by the package's directory could be found by other programs: an entry, a PDF, a second name.

    Cure: none; ask the sender for a genuine file.
    """

    code = "ofd.hidden"
    fault_zh, fault_en = "OFD 文件中藏有目录之外的内容", "The OFD file hides something from its directory"


class OfdEncrypted(OfdMalformed):
    """An entry is encrypted, or packed by a method other than deflate.

    Cure: ask for the file without a password, packed as GB/T 33190 says.
    """

    code = "ofd.encrypted"
    fault_zh, fault_en = (
        "OFD 文件中有加密的或无法解压的条目",
        "The OFD file has an encrypted entry or an unknown packing method",
    )


class OfdLink(OfdMalformed):
    """An entry is a symbolic link, which no document needs.

    Cure: none; ask the sender for a genuine file.
    """

    code = "ofd.link"
    fault_zh, fault_en = "OFD 文件中有符号链接", "The OFD file holds a symbolic link"


class OfdEntryMissing(OfdMalformed):
    """An entry that the document refers to and cannot do without is not in the package.

    Cure: fetch the file again from where it came.
    """

    code = "ofd.entry_missing"
    fault_zh, fault_en = "OFD 文件缺少所引用的条目", "The OFD file lacks an entry it refers to"


class XmlMalformed(OfdMalformed):
    """An XML part of the document is not well-formed, or lacks what the standard requires.

    Cure: fetch the file again from where it came.
    """

    code = "ofd.xml_malformed"
    fault_zh, fault_en = "OFD 文件中的 XML 有误", "An XML part of the OFD file is malformed"


class XmlEntities(OfdMalformed):
    """An XML part declares a document type or entities, which OFD has no use for and attacks are made of.

    Cure: ask the maker of the file for one without a DTD.
    """

    code = "ofd.xml_entities"
    fault_zh, fault_en = (
        "OFD 文件中的 XML 声明了文档类型或实体",
        "An XML part of the OFD file declares a document type or entities",
    )


class XmlTooDeep(OfdMalformed):
    """An XML part is nested deeper than 256 elements, or objects are nested deeper than is drawn.

    Cure: none; ask the sender for a genuine file.
    """

    code = "ofd.xml_too_deep"
    fault_zh, fault_en = "OFD 文件中的 XML 嵌套过深", "An XML part of the OFD file is nested too deep"


class OfdTooComplex(OfdMalformed):
    """A page has more objects, or its picture would become larger, than the hub draws; verifying does not need the picture.

    Cure: open the file in a reader of its own.
    """

    code = "ofd.too_complex"
    fault_zh, fault_en = "OFD 页面过于复杂，无法显示", "The OFD page is too complex to be shown"


class OfdPageMissing(OfdMalformed):
    """The document has no page of that number.

    Cure: ask for a page from 0 to the number of pages less one.
    """

    code = "ofd.page_missing"
    fault_zh, fault_en = "OFD 文件没有这一页", "The OFD file has no such page"
