"""Roots of the query type about licenses, and the one verdict on a document by its digest.

Personal content is read in a transaction that records the read; the policy is the grant's, asked by `hub.licenses.reading`, so that a
refusal here says nothing of any license.
"""

from __future__ import annotations

from typing import Annotated, Any

import strawberry

from hub.access.grants import leaves
from hub.licenses import reads
from hub.licenses.acting import Office
from hub.licenses.checking import check
from hub.licenses.reading import Asking, Search, by_identifier, purpose_of, require_seen, retrieve
from hub.licenses.rules import LicenseStatus
from hub.verdicts.asking import verdict_on
from schema.acting import set_up
from schema.context import Context
from schema.declare import PERSONAL, PUBLIC, asked_by_verb, resolved, words
from schema.keyset import Listing, Sort
from schema.license import License, LicenseCheck, LicenseRead
from schema.listed import ListedPage
from schema.pages import After, Before, Connection, First, Last, Page, window
from schema.verdict import Verdict

READS_BY_TIME = Sort("AT", reads.LicenseRead.at, reads.LicenseRead.id, descending=True)

Identifier = Annotated[
    str, strawberry.argument(description=words("电子证照标识（GB/T 36904）。", "Identifier of the license."))
]
Purpose = Annotated[
    str | None,
    strawberry.argument(
        description=words(
            "用途，至多 200 字；缺省取 Hub-Purpose 头，再取授权中唯一的用途。",
            "The purpose, at most 200 characters; else the Hub-Purpose header, else the only purpose granted.",
        )
    ),
]


@strawberry.input(description=words("一项照面信息。", "A face element with its value."))
class FaceElementInput:
    """A face element with its value."""

    key: str = strawberry.field(description=words("项的键。", "Its key."))
    value: str = strawberry.field(description=words("项的值。", "Its value."))


@strawberry.type
class LicenseRoots:
    """What may be asked of licenses."""

    @asked_by_verb(access=PERSONAL, zh="按持证主体检索证照。", en="Search a holder's licenses of one type.")
    def licenses(
        self,
        info: strawberry.Info,
        holder_code: Annotated[str, strawberry.argument(description=words("持证主体代码。", "Code of the holder."))],
        type_code: Annotated[str, strawberry.argument(description=words("证照类型代码。", "Code of the type."))],
        purpose: Purpose = None,
        code_type: Annotated[
            str | None, strawberry.argument(description=words("持证主体代码类型。", "Type of the holder's code."))
        ] = None,
        holder_name: Annotated[
            str | None, strawberry.argument(description=words("持证主体名称。", "Name of the holder."))
        ] = None,
        number: Annotated[
            str | None, strawberry.argument(description=words("证照编号。", "Number as printed."))
        ] = None,
        status: Annotated[LicenseStatus | None, strawberry.argument(description=words("状态。", "Status."))] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[License] | None:
        """Return the licenses found, newest first; one recorded search however many pages are read of it."""
        context: Context = info.context
        wanted = window(first, after, last, before)
        search = Search(
            holder_code=holder_code,
            type_code=type_code,
            code_type=code_type,
            holder_name=holder_name,
            number=number,
            status=status,
        )
        asking, office = asking_of(context, purpose)
        with context.database.transaction() as session:
            found = retrieve(session, search, asking=asking, office=office)
        context.asked.update({seen.license.id: asking for seen in found})
        belongs = {"holder": office.vault.index("*", holder_code).hex(), "type": type_code}
        return ListedPage(context, found, wanted, name="licenses", key=_identifier, belongs=belongs)  # type: ignore[return-value]

    @asked_by_verb(access=PERSONAL, zh="按标识取一份证照。", en="One license by its identifier.")
    def license(self, info: strawberry.Info, identifier: Identifier, purpose: Purpose = None) -> License | None:
        """Return the license as the caller may see it; raises LicenseMissing after the read was recorded."""
        context: Context = info.context
        asking, office = asking_of(context, purpose)
        with context.database.transaction() as session:
            seen = by_identifier(session, identifier, asking=asking, office=office)
        context.asked[require_seen(seen).license.id] = asking
        return seen  # type: ignore[return-value]

    @asked_by_verb(access=PERSONAL, zh="查验照面信息。", en="Check face elements against a license.")
    def verify_license(
        self,
        info: strawberry.Info,
        identifier: Identifier,
        face_elements: Annotated[
            list[FaceElementInput],
            strawberry.argument(description=words("要查验的各项。", "The elements to be checked.")),
        ],
        purpose: Purpose = None,
    ) -> LicenseCheck | None:
        """Return one of the seven outcomes of GB/T 36906; wrong ones are counted and soon refused."""
        context: Context = info.context
        asking, office = asking_of(context, purpose)
        elements = [(each.key, each.value) for each in face_elements]
        with context.database.transaction() as session:
            return check(session, identifier, elements, asking=asking, office=office)  # type: ignore[return-value]

    @asked_by_verb(access=PERSONAL, zh="谁读过一份证照，从近到远。", en="Who read a license, newest first.")
    def license_reads(
        self,
        info: strawberry.Info,
        identifier: Identifier,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[LicenseRead] | None:
        """Return a page of the reads of all versions of the license."""
        context: Context = info.context
        wanted = window(first, after, last, before)
        rows = reads.reads_of(context.session, identifier, viewer=context.actor, office=set_up(context.office))
        listing = Listing("licenseReads", rows, READS_BY_TIME, {"identifier": identifier})
        return Page(context, listing, wanted)  # type: ignore[return-value]

    @resolved(access=PUBLIC, zh="按文件摘要取核验结论。", en="The verdict on a document, by its digest.")
    def verify_document(
        self,
        info: strawberry.Info,
        sha256: Annotated[
            str,
            strawberry.argument(
                description=words(
                    "文件的 SHA-256，十六进制；须是本枢纽签发的，或近日交到 /verify 核验过的。",
                    "SHA-256 of the file, hexadecimal: one made here, or given to /verify within the last days.",
                )
            ),
        ],
    ) -> Verdict | None:
        """Return the verdict as of now for a file made here, as of its check for one that was brought; raises VerdictUnknown."""
        return verdict_on(info.context.session, sha256, desk=set_up(info.context.verifier))  # type: ignore[return-value]


def asking_of(context: Context, purpose: str | None) -> tuple[Asking, Office]:
    """Return who asks and why, and the office asked; raises PurposeMissing, PurposeTooLong, NotSetUp."""
    office = set_up(context.office)
    held = leaves(context.session, context.actor, region=office.region, at=office.clock.now())
    stated = purpose_of(purpose, context.purpose, held)
    return Asking(actor=context.actor, purpose=stated, request_id=context.request_id), office


def _identifier(seen: Any) -> str:
    return str(seen.license.identifier)
