"""The mutations of seals, for the officers who keep them: life, import, grants, the signing queue's authorisation and its stop switch.

What could do twice what was asked once takes an idempotency key; importing, taking grants back and stopping are safe to repeat.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import strawberry
from sqlalchemy.orm import Session

from hub.clock import iso
from hub.seals import custody, permits
from hub.seals.importing import Filing, import_seal
from hub.seals.keeping import Request, kept_once
from hub.seals.links import SealKind
from hub.seals.making import Owner
from hub.seals.queries import seal_by_id
from schema.acting import Key, SealId, own, set_up
from schema.base64_bytes import bytes_of
from schema.context import Context
from schema.declare import OFFICER, asked_by_verb, words
from schema.problems import Conflict, MoveRefused, NotFound, NotPermitted, ValidationProblem, carried_out
from schema.seal import Seal

SealResult = Annotated[
    Seal | ValidationProblem | NotPermitted | MoveRefused | Conflict | NotFound,
    strawberry.union("SealResult", description=words("印章，或未办成的原因。", "The seal, or why not.")),
]
Reason = Annotated[
    str | None, strawberry.argument(description=words("原因，载入变动记录。", "Why; kept with the move."))
]
Officer = Annotated[str, strawberry.argument(description=words("人员代码。", "The officer's code."))]
Kinds = Annotated[
    list[str],
    strawberry.argument(
        description=words("文书种类代码；证照为 license。", "Kinds of document; `license` stands for licenses.")
    ),
]
Until = Annotated[
    datetime,
    strawberry.argument(description=words("至何时止（不含），一年之内。", "Until when, exclusive, within a year.")),
]


@strawberry.input(description=words("主管部门印章系统制发的印章。", "A seal that the competent seal system issued."))
class ImportSealInput:
    """What `importSeal` is given."""

    structure: str = strawberry.field(
        description=words("印章结构（.esl，DER）的 base64。", "The e-seal structure (.esl, DER) in base64.")
    )
    filing_number: str = strawberry.field(description=words("备案编号。", "The filing number."))
    owner_name_zh: str = strawberry.field(description=words("所有者名称。", "The owner's name, in Chinese."))
    owner_uscc: str = strawberry.field(
        description=words("所有者统一社会信用代码。", "The owner's unified social credit code.")
    )
    kind: SealKind = strawberry.field(default=SealKind.ORGAN, description=words("印章类别。", "What the seal is for."))
    key_name: str | None = strawberry.field(
        default=None,
        description=words(
            "本枢纽密钥库中的密钥名；缺省则由持有人用自己的设备用印。",
            "Its key in this hub's key store; else its holder uses it through his own device.",
        ),
    )


@dataclass(frozen=True)
class _Asked:
    """One act of a keeper on one seal, as it came in."""

    act: str
    seal_id: str
    key: str
    arguments: dict[str, Any]


@strawberry.type
class SealMutations:
    """What the keepers of seals do."""

    @asked_by_verb(access=OFFICER, zh="启用一枚印章。", en="Put a seal into use.")
    def activate_seal(self, info: strawberry.Info, seal_id: SealId, idempotency_key: Key) -> SealResult | None:
        """Return the seal, ACTIVE."""
        context: Context = info.context

        def verb(session: Session, seal: str) -> object:
            return custody.activate(session, seal, by=context.actor, clock=context.clock)

        return _kept(context, _Asked("activateSeal", seal_id, idempotency_key, {}), verb)  # type: ignore[no-any-return]

    @asked_by_verb(access=OFFICER, zh="停用一枚印章，可再启用。", en="Take a seal out of use; it may return.")
    def suspend_seal(
        self, info: strawberry.Info, seal_id: SealId, idempotency_key: Key, reason: Reason = None
    ) -> SealResult | None:
        """Return the seal, SUSPENDED."""
        context: Context = info.context

        def verb(session: Session, seal: str) -> object:
            return custody.suspend(session, seal, by=context.actor, clock=context.clock, reason=reason)

        return _kept(context, _Asked("suspendSeal", seal_id, idempotency_key, {"reason": reason}), verb)  # type: ignore[no-any-return]

    @asked_by_verb(access=OFFICER, zh="注销一枚印章，不可恢复。", en="Close a seal in the register, for ever.")
    def cancel_seal(
        self, info: strawberry.Info, seal_id: SealId, idempotency_key: Key, reason: Reason = None
    ) -> SealResult | None:
        """Return the seal, CANCELLED."""
        context: Context = info.context

        def verb(session: Session, seal: str) -> object:
            return custody.cancel(session, seal, by=context.actor, clock=context.clock, reason=reason)

        return _kept(context, _Asked("cancelSeal", seal_id, idempotency_key, {"reason": reason}), verb)  # type: ignore[no-any-return]

    @asked_by_verb(
        access=OFFICER,
        zh="导入主管部门印章系统制发的印章；重复导入同一枚，结果相同。",
        en="Import a seal that the competent seal system issued; importing it again gives the same seal.",
    )
    def import_seal(
        self,
        info: strawberry.Info,
        input: Annotated[ImportSealInput, strawberry.argument(description=words("印章。", "The seal."))],
    ) -> SealResult | None:
        """Return the seal, REGISTERED when it is new."""
        context: Context = info.context

        def verb(session: Session) -> Any:
            filing = Filing(
                region=context.region,
                owner=Owner(input.owner_name_zh, input.owner_uscc),
                filing_number=input.filing_number,
                kind=input.kind,
                key_name=input.key_name,
            )
            return import_seal(
                session,
                bytes_of(input.structure, "structure"),
                filing,
                by=context.actor,
                keys=set_up(context.desk)().keys,
                anchors=set_up(context.anchors)(session),
                clock=context.clock,
            )

        return carried_out(context, act="importSeal", subject=input.filing_number, verb=verb)  # type: ignore[no-any-return]

    @asked_by_verb(
        access=OFFICER, zh="准许一位工作人员在几类文书上用印。", en="Let an officer use the seal on kinds of document."
    )
    def grant_seal_use(
        self,
        info: strawberry.Info,
        seal_id: SealId,
        officer: Officer,
        kinds: Kinds,
        until: Until,
        idempotency_key: Key,
    ) -> SealResult | None:
        """Return the seal with the grant."""
        context: Context = info.context

        def verb(session: Session, seal: str) -> object:
            return permits.grant_use(
                session, seal, officer=officer, kinds=kinds, until=until, by=context.actor, clock=context.clock
            )

        told = {"officer": officer, "kinds": sorted(kinds), "until": iso(until)}
        return _kept(context, _Asked("grantSealUse", seal_id, idempotency_key, told), verb)  # type: ignore[no-any-return]

    @asked_by_verb(
        access=OFFICER,
        zh="收回一位工作人员对此印章的全部用印授权。",
        en="Take back every grant of an officer on the seal.",
    )
    def revoke_seal_grants(self, info: strawberry.Info, seal_id: SealId, officer: Officer) -> SealResult | None:
        """Return the seal; nothing happens where there is no grant."""
        context: Context = info.context

        def verb(session: Session, seal: str) -> object:
            return permits.revoke_grants(session, seal, officer=officer, by=context.actor, clock=context.clock)

        return _repeatable(context, "revokeSealGrants", seal_id, verb)  # type: ignore[no-any-return]

    @asked_by_verb(
        access=OFFICER,
        zh="给予签章队列常备授权：文书种类、每日上限、期限。",
        en="Let the signing queue seal: kinds, a daily ceiling, an end.",
    )
    def authorise_signing_queue(
        self,
        info: strawberry.Info,
        seal_id: SealId,
        kinds: Kinds,
        daily_ceiling: Annotated[
            int, strawberry.argument(description=words("每日上限，1 至 10000。", "At most so many a civil day."))
        ],
        until: Until,
        idempotency_key: Key,
    ) -> SealResult | None:
        """Return the seal with the authorisation."""
        context: Context = info.context

        def verb(session: Session, seal: str) -> object:
            return permits.authorise_queue(
                session,
                seal,
                kinds=kinds,
                daily_ceiling=daily_ceiling,
                until=until,
                by=context.actor,
                clock=context.clock,
            )

        told = {"kinds": sorted(kinds), "ceiling": daily_ceiling, "until": iso(until)}
        return _kept(context, _Asked("authoriseSigningQueue", seal_id, idempotency_key, told), verb)  # type: ignore[no-any-return]

    @asked_by_verb(
        access=OFFICER, zh="立即停止签章队列使用此印章。", en="Stop the signing queue's use of the seal at once."
    )
    def stop_signing_queue(self, info: strawberry.Info, seal_id: SealId) -> SealResult | None:
        """Return the seal; nothing happens where nothing was authorised."""
        context: Context = info.context

        def verb(session: Session, seal: str) -> object:
            return permits.stop_queue(session, seal, by=context.actor, clock=context.clock)

        return _repeatable(context, "stopSigningQueue", seal_id, verb)  # type: ignore[no-any-return]


def _kept(context: Context, asked: _Asked, verb: Callable[[Session, str], object]) -> Any:
    def once(session: Session) -> Any:
        seal = own(context, "seal_status", asked.seal_id, "sealId")
        request = Request(act=asked.act, key=asked.key, arguments=asked.arguments)
        return kept_once(
            session, seal, lambda: verb(session, seal), request=request, by=context.actor, clock=context.clock
        )

    return carried_out(context, act=asked.act, subject=asked.seal_id, verb=once)


def _repeatable(context: Context, act: str, seal_id: str, verb: Callable[[Session, str], object]) -> Any:
    def carried(session: Session) -> Any:
        seal = own(context, "seal_status", seal_id, "sealId")
        verb(session, seal)
        return seal_by_id(session, seal)

    return carried_out(context, act=act, subject=seal_id, verb=carried)
