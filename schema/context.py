"""What one operation is given: who asks, when, in which language, and the hub's services. One per operation, never shared.

Reads see one snapshot, opened when the first of them asks. Every mutation field is one transaction of its own; what is read
after it sees what it wrote.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Literal, Protocol

from sqlalchemy.orm import Session

from hub.access.actors import PUBLIC_ACTOR, Actor
from hub.access.policy import Act, allows
from hub.approvals.sealing import Desk
from hub.clock import Clock
from hub.database import Database
from hub.licenses.acting import Office
from hub.licenses.handing_over import hand_over
from hub.licenses.reading import Asking
from hub.seals.sealing import Format
from hub.signing.anchors import Anchors
from hub.signing.fonts import FontSet
from hub.verdicts.asking import VerifyDesk
from schema.cursors import Cursors
from schema.peers import Peers

Language = Literal["zh", "en"]


class RunNow(Protocol):
    """Runs a connector at once."""

    def __call__(self, name: str, *, dry_run: bool) -> str:
        """Return the id of the run of connector `name`."""
        ...


@dataclass
class Context:
    """Everything a resolver may use. `close` it when the operation has been answered."""

    database: Database
    clock: Clock
    cursors: Cursors
    region: str  # this hub's own region
    public_url: str  # without a slash at the end
    request_id: str
    actor: Actor = PUBLIC_ACTOR
    language: Language = "zh"
    purpose: str | None = None  # the Hub-Purpose header
    introspection: bool = True
    demonstration: bool = True
    fonts: FontSet | None = None  # what drafts are checked against
    desk: Callable[[], Desk] | None = None  # gives what sealing needs, put together at the first use
    office: Office | None = None  # where licenses are kept and read
    verifier: VerifyDesk | None = None  # the one verifier, for documents asked for by digest
    anchors: Callable[[Session], Anchors] | None = None  # whom the hub trusts now, for seals that are imported
    run_now: RunNow | None = None
    file_link: Callable[[str], str] | None = None  # sha256 -> an address that works for a short time
    page_link: Callable[[str], str] | None = None  # sha256 -> the page that shows the file, for a short time
    preview_link: Callable[[str, str | None], str] | None = None  # approval and seal -> its preview, for a short time
    asked: dict[int, Asking] = field(init=False, default_factory=dict)  # who read which license (its row), and why
    peers: Peers = field(init=False)
    _open: ExitStack = field(init=False, default_factory=ExitStack)
    _session: Session | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.peers = Peers(lambda: self.session)

    @property
    def session(self) -> Session:
        """Return the session to read in; opened on first use."""
        if self._session is None:
            self._session = self._open.enter_context(self.database.reading())
        return self._session

    def renew(self) -> None:
        """Forget what was read: the next read opens a new snapshot."""
        self.close()
        self.peers = Peers(lambda: self.session)

    def close(self) -> None:
        """End the snapshot, if one was opened."""
        self._session = None
        self._open.close()

    def link_to_file(self, sha256: str) -> str:
        """Return where the published file may be downloaded by this caller."""
        return self.file_link(sha256) if self.file_link else f"{self.public_url}/files/{sha256}"

    def link_to_page(self, sha256: str) -> str:
        """Return where the published file may be looked at by this caller."""
        return self.page_link(sha256) if self.page_link else f"{self.public_url}/documents/{sha256}"

    def link_to_preview(self, approval_id: str, seal_id: str | None) -> str | None:
        """Return where an officer of this region looks at an approval as it would be sealed; None for anybody else."""
        if self.preview_link is None or not allows(self.actor, Act.SEE_PREVIEWS, region=self.region):
            return None
        return self.preview_link(approval_id, seal_id)

    def link_to_license(self, license_id: int, identifier: str, form: Format, sha256: str) -> str:
        """Return where this caller gets a file: a reader an annotated copy, once; who keeps or issued the license the file itself."""
        asking = self.asked.get(license_id)
        if asking is None or not self.actor.is_partner:
            return self.link_to_file(sha256)
        with self.database.transaction() as session:
            given = hand_over(session, identifier, form=form, asking=asking, clock=self.clock)
        return f"{self.public_url}/copies/{given.code}"

    def said(self, zh: str | None, en: str | None) -> str | None:
        """Return the sentence in the caller's language; Chinese where there is no English one."""
        return en or zh if self.language == "en" else zh
