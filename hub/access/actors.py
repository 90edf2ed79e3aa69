"""Who is asking: the public, a partner system, an officer or an operator."""

from __future__ import annotations

from dataclasses import dataclass, field

from hub.access.records import ActorKind, Role


@dataclass(frozen=True)
class Actor:
    """A caller whose token was checked; `code` names it in audit rows and idempotency keys."""

    kind: ActorKind
    code: str
    name: str
    region: str | None = None
    roles: frozenset[Role] = field(default_factory=frozenset)

    @property
    def label(self) -> str:
        """Return `KIND:code`, unique over all callers of this hub."""
        return f"{self.kind.value}:{self.code}"

    @property
    def is_partner(self) -> bool:
        """Say whether a partner system asks."""
        return self.kind is ActorKind.PARTNER


PUBLIC_ACTOR = Actor(ActorKind.PUBLIC, "public", "公众")
