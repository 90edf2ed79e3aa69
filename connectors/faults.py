"""What goes wrong between this hub and other systems, each with a stable code.

A run that ends by one of these shows its two sentences to operators and, through GraphQL, to partners: they name a source's
columns and positions, never its values, tokens or local folders.
"""

from __future__ import annotations

from hub.errors import Conflict, HubError, NotFound


class TransportFailed(HubError):
    """Another system could not be asked, or what it answered cannot be used.

    Cure: see the more exact code; the run is tried again by itself.
    """

    code = "transport.failed"


class RefusedAddress(TransportFailed):
    """The address is not one this hub may call: another scheme, or a private, loopback, link-local or metadata address.

    Cure: correct the address; for a system inside a private network, list its host:port in HUB_OUTGOING_ALLOWED.
    """

    code = "transport.refused_address"


class TransportTimeout(TransportFailed):
    """The other system accepted the connection or the request and then said nothing in time.

    Cure: ask its operator; the run is tried again by itself.
    """

    code = "transport.timeout"


class AnswerTooLarge(TransportFailed):
    """The answer is longer than this hub reads; reading was stopped there and nothing of it was used.

    Cure: ask for smaller pages.
    """

    code = "transport.too_large"


class AnswerStatus(TransportFailed):
    """The other system answered with an error, or sent us in circles. `status` is its HTTP status.

    Cure: for 401 or 403 renew the outgoing token; for 404 correct the address; for 5xx ask its operator.
    """

    code = "transport.status"

    def __init__(self, message_zh: str, message_en: str, *, status: int) -> None:
        super().__init__(message_zh, message_en)
        self.status = status


class Unreachable(TransportFailed):
    """No connection could be made: the name does not resolve, nobody listens, or the encryption does not hold.

    Cure: check the address and the network; the run is tried again by itself.
    """

    code = "transport.unreachable"


class FileRefused(HubError):
    """The file is missing, lies outside the import folder, or is longer than this hub reads.

    Cure: put the file into the import folder (HUB_IMPORT_DIR) under the name the connector is configured with.
    """

    code = "file.refused"


class WrongEncoding(HubError):
    """The bytes are not of the declared encoding; nothing was applied. `position` is the first offending byte, from 0.

    Cure: declare the file's encoding in the connector's settings (`encoding: UTF-8` or `GB18030`), or save it again.
    """

    code = "file.wrong_encoding"

    def __init__(self, message_zh: str, message_en: str, *, position: int) -> None:
        super().__init__(message_zh, message_en)
        self.position = position


class FileTruncated(HubError):
    """The JSON ends in the middle; nothing was applied. `position` is the character where it breaks off, from 0.

    Cure: wait until the file is written completely, or fetch it again.
    """

    code = "file.truncated"

    def __init__(self, message_zh: str, message_en: str, *, position: int) -> None:
        super().__init__(message_zh, message_en)
        self.position = position


class FileMalformed(HubError):
    """The file is not what its format says; nothing was applied.

    Cure: correct the place named in the message.
    """

    code = "file.malformed"


class MappingMalformed(HubError):
    """The mapping is not a mapping: a key is missing, unknown or has the wrong form.

    Cure: correct the key named in the message; docs/how-to/connectors.md lists them.
    """

    code = "mapping.malformed"


class UnknownColumn(MappingMalformed):
    """The mapping names a column the source does not have; nothing was applied. `columns` are those it has.

    Cure: correct the column's name in the mapping.
    """

    code = "mapping.unknown_column"

    def __init__(self, column: str, columns: tuple[str, ...]) -> None:
        super().__init__(
            f"映射引用了来源中没有的列“{column}”；来源的列有：{'、'.join(columns)}。",
            f"The mapping names the column {column}, which the source has not; it has: {', '.join(columns)}.",
            path=column,
        )
        self.column, self.columns = column, columns


class UnknownField(MappingMalformed):
    """The mapping fills a field the target does not have. `fields` are those it has.

    Cure: correct the field's name in the mapping.
    """

    code = "mapping.unknown_field"

    def __init__(self, field: str, fields: tuple[str, ...]) -> None:
        super().__init__(
            f"映射填写了目标中没有的字段“{field}”；目标的字段有：{'、'.join(fields)}。",
            f"The mapping fills the field {field}, which the target has not; it has: {', '.join(fields)}.",
            path=field,
        )
        self.field, self.fields = field, fields


class ConnectorUnknown(NotFound):
    """There is no connector of this name.

    Cure: check the name in the list of connectors.
    """

    code = "connector.unknown"


class RunUnknown(NotFound):
    """There is no run of this id: none ever was, or it ended long ago and was cleared away.

    Cure: take the id from the connector's list of runs.
    """

    code = "run.unknown"


class ConnectorRunning(Conflict):
    """A run of this connector is under way; two never overlap.

    Cure: wait for it to end; a run whose process died is taken back within a minute.
    """

    code = "connector.running"


class AdapterUnknown(HubError):
    """This program has no adapter of the name the connector asks for; the connector is kept.

    Cure: correct the connector's adapter, or install the version that has it.
    """

    code = "connector.adapter_unknown"


class ScheduleInvalid(HubError):
    """The connector's schedule cannot be read; the connector is kept and not run by itself.

    Cure: use {"every_seconds": n} or {"cron": "minute hour day month weekday"}.
    """

    code = "connector.schedule_invalid"


class RunTimedOut(HubError):
    """The run did not end by its deadline and was ended.

    Cure: see whether the source answers; raise `deadline_seconds` if it is only slow.
    """

    code = "run.timed_out"


class RunStopped(HubError):
    """The service was stopped while the run was under way or about to begin; it resumes at its last whole page.

    Cure: none needed.
    """

    code = "run.stopped"


class LeaseLost(HubError):
    """Another process took the run back because this one gave no sign of life; this one wrote nothing more.

    Cure: none needed; if it repeats, see whether the machine is overloaded.
    """

    code = "run.lease_lost"


class RunBroke(HubError):
    """The run met an error nobody foresaw; the log has it under the run's id.

    Cure: report it with the run's id; pages that were whole stay applied.
    """

    code = "run.broke"


class ChoreBroke(HubError):
    """A chore of the hub's own housekeeping met an error nobody foresaw; the log has it under the chore's name. The others were done.

    Cure: report it with the log; it is tried again when it is next due.
    """

    code = "housekeeping.broke"


class SourceSuspicious(HubError):
    """So many records vanished from the source at once that a person must confirm it; none was taken away.

    Cure: look at the source; confirm the run if the records are really gone, otherwise have the source repaired.
    """

    code = "run.suspicious"


class LedgerNotFollowed(HubError):
    """The partner's ledgers are not followed, because nobody has confirmed its key.

    Cure: compare the partner's published fingerprint with it in person, then confirm the key.
    """

    code = "connector.not_followed"
