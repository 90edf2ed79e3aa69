"""The mutations of licenses. Each turns its input into values and calls ONE verb; what comes back is the thing or a problem.

What a mutation answers is masked: it says what became of the license, and whoever wants to read it says why and is recorded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

import strawberry
from sqlalchemy.orm import Session

from hub.licenses import life
from hub.licenses.acting import Ground, Office
from hub.licenses.presenting import present, redeem
from hub.licenses.queries import License as LicenseRecord
from hub.licenses.queries import names_of_types
from hub.licenses.rules import LicenseAct
from hub.licenses.views import LicenseView, view
from schema.acting import Key, set_up
from schema.context import Context
from schema.declare import PERSONAL, Attribute, asked_by_verb, mapped, noun, words
from schema.license import License
from schema.license_input import AmendmentInput, IssueLicenseInput, amendment_of, new_license
from schema.problems import Conflict, MoveRefused, NotFound, NotPermitted, ValidationProblem, carried_out
from schema.root_license import Identifier, Purpose, asking_of


@dataclass(frozen=True)
class Shown:
    """A code with its term."""

    code: str
    valid_seconds: int


@noun(zh="出示码。", en="A code that a holder shows.", record=Shown)
class Presentation:
    """Read from a `Shown`."""

    code: str = mapped(Attribute("code"), access=PERSONAL, zh="出示码，只显示一次。", en="The code; shown this once.")
    valid_seconds: int = mapped(
        Attribute("valid_seconds"), access=PERSONAL, zh="有效秒数。", en="How many seconds it is good for."
    )


LicenseResult = Annotated[
    License | ValidationProblem | NotPermitted | MoveRefused | Conflict | NotFound,
    strawberry.union("LicenseResult", description=words("证照，或未办成的原因。", "The license, or why not.")),
]
PresentationResult = Annotated[
    Presentation | ValidationProblem | NotPermitted | MoveRefused | Conflict | NotFound,
    strawberry.union("PresentationResult", description=words("出示码，或未办成的原因。", "The code, or why not.")),
]
Reason = Annotated[str, strawberry.argument(description=words("理由，必填。", "Why; needed."))]
Basis = Annotated[
    str | None,
    strawberry.argument(
        description=words(
            "法律依据；缺省为该类处理的通用依据。", "Legal basis; else the law the act usually stands on."
        )
    ),
]


@strawberry.type
class LicenseMutations:
    """What can be done with licenses."""

    @asked_by_verb(access=PERSONAL, zh="颁发一份证照。", en="Issue a license.")
    def issue_license(
        self,
        info: strawberry.Info,
        input: Annotated[IssueLicenseInput, strawberry.argument(description=words("证照内容。", "What to issue."))],
    ) -> LicenseResult | None:
        """Return the new license; its files follow within seconds."""
        context: Context = info.context

        def verb(session: Session, office: Office) -> LicenseRecord:
            wanted = new_license(context, input)
            return life.issue(session, wanted, office=office, actor=context.actor, key=input.idempotency_key)

        return _answered(context, "issueLicense", input.type_code, verb)  # type: ignore[no-any-return]

    @asked_by_verb(access=PERSONAL, zh="暂扣一份证照。", en="Suspend a license.")
    def suspend_license(
        self, info: strawberry.Info, identifier: Identifier, reason: Reason, idempotency_key: Key, basis: Basis = None
    ) -> LicenseResult | None:
        """Return the license, SUSPENDED."""
        ground = Ground(reason=reason, basis=basis)
        return _acted(info.context, LicenseAct.SUSPEND, identifier, ground, key=idempotency_key)  # type: ignore[no-any-return]

    @asked_by_verb(
        access=PERSONAL,
        zh="办理暂扣、解除暂扣、撤回、撤销、吊销、注销、失效、转出或其他处理。",
        en="Any act that makes no new version.",
    )
    def act_on_license(
        self,
        info: strawberry.Info,
        identifier: Identifier,
        act: Annotated[LicenseAct, strawberry.argument(description=words("处理。", "What to do."))],
        reason: Reason,
        idempotency_key: Key,
        basis: Basis = None,
        text: Annotated[
            str | None,
            strawberry.argument(description=words("状态说明，限“其他”。", "The status in words, for OTHER.")),
        ] = None,
    ) -> LicenseResult | None:
        """Return the license after the act."""
        return _acted(info.context, act, identifier, Ground(reason=reason, basis=basis, text=text), key=idempotency_key)  # type: ignore[no-any-return]

    @asked_by_verb(access=PERSONAL, zh="延续一份证照，成为新版次。", en="Renew a license: its next version.")
    def renew_license(
        self,
        info: strawberry.Info,
        identifier: Identifier,
        amendment: Annotated[AmendmentInput, strawberry.argument(description=words("新的期限。", "The new term."))],
        reason: Reason,
        idempotency_key: Key,
        basis: Basis = None,
    ) -> LicenseResult | None:
        """Return the next version; the old one is SUPERSEDED."""
        return _amended(  # type: ignore[no-any-return]
            info.context,
            life.renew,
            identifier,
            to=amendment,
            ground=Ground(reason=reason, basis=basis),
            key=idempotency_key,
        )

    @asked_by_verb(access=PERSONAL, zh="变更一份证照，成为新版次。", en="Change a license: its next version.")
    def change_license(
        self,
        info: strawberry.Info,
        identifier: Identifier,
        amendment: Annotated[AmendmentInput, strawberry.argument(description=words("变更之处。", "What changes."))],
        reason: Reason,
        idempotency_key: Key,
        basis: Basis = None,
    ) -> LicenseResult | None:
        """Return the next version; the old one is SUPERSEDED."""
        return _amended(  # type: ignore[no-any-return]
            info.context,
            life.change,
            identifier,
            to=amendment,
            ground=Ground(reason=reason, basis=basis),
            key=idempotency_key,
        )

    @asked_by_verb(
        access=PERSONAL, zh="为持证主体生成一次性出示码。", en="Make a single-use code for a holder to show."
    )
    def present_license(
        self,
        info: strawberry.Info,
        identifier: Identifier,
        fields: Annotated[
            list[str], strawberry.argument(description=words("要出示的字段的键。", "Keys of the fields to be shown."))
        ],
        valid_seconds: Annotated[
            int, strawberry.argument(description=words("有效秒数，30 至 600。", "For how many seconds, 30 to 600."))
        ] = 300,
        audience: Annotated[
            str | None, strawberry.argument(description=words("限定的查阅方代码。", "The one reader's code."))
        ] = None,
    ) -> PresentationResult | None:
        """Return the code, which is told this once."""
        context: Context = info.context

        def verb(session: Session) -> Any:
            code = present(
                session,
                identifier,
                fields=fields,
                valid=timedelta(seconds=valid_seconds),
                by=context.actor,
                office=set_up(context.office),
                audience=audience,
            )
            return Shown(code=code, valid_seconds=valid_seconds)

        return carried_out(context, act="presentLicense", subject=identifier, verb=verb)  # type: ignore[no-any-return]

    @asked_by_verb(
        access=PERSONAL, zh="凭出示码查阅证照，只能一次。", en="Read a license by the code its holder shows, once."
    )
    def redeem_presentation(
        self,
        info: strawberry.Info,
        code: Annotated[str, strawberry.argument(description=words("出示码。", "The code."))],
        purpose: Purpose = None,
    ) -> LicenseResult | None:
        """Return the license as its holder shows it."""
        context: Context = info.context

        def verb(session: Session) -> Any:
            asking, office = asking_of(context, purpose)
            return redeem(session, code, asking=asking, office=office)

        return carried_out(context, act="redeemPresentation", subject="-", verb=verb)  # type: ignore[no-any-return]


Verb = Callable[[Session, Office], LicenseRecord]


def _answered(context: Context, act: str, subject: str, verb: Verb) -> Any:
    """Carry out `verb`; answer the license with every personal field masked."""

    def masked(session: Session) -> LicenseView:
        office = set_up(context.office)
        license = verb(session, office)
        kind = names_of_types(session, {license.type_code}).get(license.type_code)
        return view(license, kind, shows=lambda _key: False, vault=office.vault, on=office.clock.today())

    return carried_out(context, act=act, subject=subject, verb=masked)


def _acted(context: Context, deed: LicenseAct, identifier: str, ground: Ground, *, key: str) -> Any:
    def verb(session: Session, office: Office) -> LicenseRecord:
        return life.act(session, deed, identifier, ground, office=office, actor=context.actor, key=key)

    return _answered(context, f"actOnLicense:{deed.value}", identifier, verb)


def _amended(
    context: Context,
    deed: Callable[..., LicenseRecord],
    identifier: str,
    *,
    to: AmendmentInput,
    ground: Ground,
    key: str,
) -> Any:
    amendment = amendment_of(to)

    def verb(session: Session, office: Office) -> LicenseRecord:
        return deed(session, identifier, ground, to=amendment, office=office, actor=context.actor, key=key)

    return _answered(context, f"{deed.__name__}License", identifier, verb)
