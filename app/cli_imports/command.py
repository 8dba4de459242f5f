"""The command itself: rehearse, show, commit; and what its exit status says."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console

from app.cli_imports.desks import UNKNOWN, ImportDesk, Letter, Mistake, RefusedError, Report
from app.cli_imports.local import LocalDesk
from app.cli_imports.pages import SHOWN, Meter, Pages
from app.cli_imports.remote import RemoteDesk
from app.cli_imports.words import say
from app.features.imports.schemas import ImportKind, ImportOptions
from app.infra.clock import VIETNAM
from app.infra.messages import Language, render
from app.infra.problems import faults_of

DONE, SOME_WRONG, REFUSED, INTERRUPTED = 0, 1, 2, 130
_PAUSES = (0.1, 0.2, 0.4, 0.8, 1.5)
"""Seconds between looks at the progress; the last of them ever after."""

Kind = Annotated[ImportKind, typer.Option("--kind", help="What the rows are.")]
OfRows = "Of rows that do not say it themselves."


def import_file(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help=".xlsx, CSV, JSON or NDJSON.")],
    kind: Kind,
    rehearse: Annotated[bool, typer.Option("--rehearse", help="Show what it would do, and stop.")] = False,
    skip_rejected: Annotated[
        bool, typer.Option("--skip-rejected", help="Commit without wrong rows.")
    ] = False,
    rejected: Annotated[Path | None, typer.Option(help="Write wrong rows there: .csv or .xlsx.")] = None,
    period: Annotated[str | None, typer.Option(help=OfRows)] = None,
    unit: Annotated[str | None, typer.Option(help=OfRows)] = None,
    scope: Annotated[str | None, typer.Option(help=f"own or total. {OfRows}")] = None,
    source: Annotated[str | None, typer.Option(help=OfRows)] = None,
    extracted_at: Annotated[str | None, typer.Option(help=f"2022-09-16T08:30. {OfRows}")] = None,
    round_: Annotated[str | None, typer.Option("--round", help="Of scores.")] = None,
    stage: Annotated[str | None, typer.Option(help="Of scores.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Also where the same file came before.")] = False,
    url: Annotated[str | None, typer.Option(help="A running service; else the local database.")] = None,
    key: Annotated[
        str | None, typer.Option(envvar="PARINDEX_KEY", show_default=False, help="Its API key.")
    ] = None,
    insecure: Annotated[bool, typer.Option("--insecure", help="Send the key over plain http.")] = False,
    language: Annotated[Language, typer.Option("--language", help="vi or en.")] = "vi",
) -> None:
    """Import a file: every row is checked and compared, then all is written, or nothing. Exit status: 0 done,
    1 some rows were wrong, 2 the file, an option or the service was refused."""
    pages = Pages(language)
    said = {"period": period, "unit": unit, "scope": scope, "source": source}
    said |= {"extracted_at": extracted_at, "round": round_, "stage": stage}
    try:
        _refuse_place(rejected, language)
        letter = _letter(
            file, kind, _options({n: v for n, v in said.items() if v is not None}, language), language
        )
        desk = _open(url, key, insecure, language)
        try:
            status = Clerk(desk, letter, pages, rehearse, skip_rejected, rejected).work(again)
        finally:
            desk.close()
    except RefusedError as refused:
        pages.refuse(refused)
        status = REFUSED
    except KeyboardInterrupt:
        pages.tell("cancelled", "yellow")
        status = INTERRUPTED
    raise typer.Exit(status)


def _open(url: str | None, key: str | None, insecure: bool, language: Language) -> ImportDesk:
    if url is not None:
        return RemoteDesk(url, key or "", insecure, language)
    if insecure:
        raise RefusedError(say("url_unused", language, options="--insecure"))
    return LocalDesk(language)


def _refuse_place(rejected: Path | None, language: Language) -> None:
    """Where wrong rows cannot go: before anything is sent."""
    if rejected is None:
        return
    if rejected.suffix.lower() not in (".csv", ".xlsx") or not rejected.parent.is_dir():
        raise RefusedError(say("rejected_wrong", language, file=rejected))
    if rejected.exists():
        raise RefusedError(say("rejected_exists", language, file=rejected))


def _letter(file: Path, kind: ImportKind, options: ImportOptions, language: Language) -> Letter:
    try:
        return Letter.of(file, kind, options)
    except OSError as error:
        raise RefusedError(say("unreadable", language, file=file, cause=error.strerror)) from None


def _options(said: dict[str, Any], language: Language) -> ImportOptions:
    """Options as the service takes them."""
    if "extracted_at" in said:
        said["extracted_at"] = _instant(said["extracted_at"], language)
    try:
        return ImportOptions.model_validate(said)
    except ValidationError as error:
        mistakes = [
            Mistake("--" + fault.pointer[1:].replace("_", "-"), *render(fault.code, fault.params, language))
            for fault in faults_of(error, said)
        ]
        raise RefusedError(say("option_wrong", language), None, mistakes) from None


def _instant(text: str, language: Language) -> datetime:
    """A day or an instant, in Vietnamese time where no zone is said."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise RefusedError(say("instant_wrong", language, text=text)) from None
    return found if found.tzinfo else found.replace(tzinfo=VIETNAM)


@contextmanager
def _whole(path: Path) -> Iterator[None]:
    """A file is there whole, or not at all."""
    try:
        yield
    except BaseException:
        path.unlink(missing_ok=True)
        raise


class Clerk:
    """Takes one file through: rehearsal, report, commit."""

    def __init__(
        self,
        desk: ImportDesk,
        letter: Letter,
        pages: Pages,
        rehearse: bool,
        skip: bool,
        rejected: Path | None,
    ) -> None:
        self.desk = desk
        self.letter = letter
        self.pages = pages
        self.rehearse = rehearse
        self.skip = skip
        self.rejected = rejected
        self.writes = False
        self.meter = Meter(Console(stderr=True, highlight=False), pages.language)

    def work(self, again: bool) -> int:
        """Everything; the exit status."""
        try:
            report = self._rehearsed(again)
            if report["counts"] is None:
                return self._failed("failed", report)
            self._tell(report)
            is_new = report["state"] == "rehearsed"
            return self._end(report) if is_new else self._ended(report, is_new=False)
        except KeyboardInterrupt:
            if self.writes:
                self.pages.tell("under_way", "yellow")
            else:
                self._cancel()
            return INTERRUPTED

    def _rehearsed(self, again: bool) -> Report:
        """The import of this file: one that is under way, or was rehearsed and waits, else a new one."""
        earlier = self._find()
        with self.meter.shown() as meter:
            if earlier is None or again or not self._can_go_on(earlier):
                key = self.letter.key(earlier["id"] if earlier else "")
                total = self.letter.size
                earlier = self.desk.send(self.letter, key, lambda done: meter.show_bytes(done, total))
            return self._follow(earlier)

    def _find(self) -> Report | None:
        return next((each for each in self.desk.list_recent() if self.letter.is_of(each)), None)

    def _can_go_on(self, earlier: Report) -> bool:
        """What was rehearsed without a fault is committed as it was seen. A rehearsal alone is made anew."""
        match earlier["state"]:
            case "rehearsing":
                return True
            case "committing" | "committed":
                return not self.rehearse
            case "rehearsed":
                rejected = earlier["counts"]["rejected"] and not self.skip
                return not (self.rehearse or rejected or earlier["faults"])
            case _:
                return False

    def _follow(self, report: Report) -> Report:
        pauses = iter(_PAUSES)
        pause = 0.0
        while report["state"] in ("rehearsing", "committing"):
            self.meter.show(report)
            pause = next(pauses, pause)
            time.sleep(pause)
            report = self.desk.read(report["id"])
        return report

    def _cancel(self) -> None:
        """Stop what was begun; a rehearsal that nobody finds is forgotten by itself."""
        with suppress(RefusedError):
            begun = self._find()
            if begun is not None and begun["state"] in ("rehearsing", "rehearsed"):
                self.desk.cancel(begun["id"])
        self.pages.tell("cancelled", "yellow")

    def _tell(self, report: Report) -> None:
        bad = self.desk.list_rejected(report["id"], SHOWN) if report["counts"]["rejected"] else []
        self.pages.report(report, bad)
        if self.rejected is not None:
            self._save(report, self.rejected)

    def _save(self, report: Report, path: Path) -> None:
        if not report["counts"]["rejected"]:
            self.pages.tell("none_bad", file=path)
            return
        try:
            with path.open("xb") as file, _whole(path):
                file.writelines(self.desk.iterate_rejected(report["id"], path.suffix.lower()))
        except OSError as error:
            cause = error.strerror
            raise RefusedError(say("unwritable", self.pages.language, file=path, cause=cause)) from None
        self.pages.tell("bad_saved", file=path)

    def _end(self, report: Report) -> int:
        """After the report: the commit, or why there is none."""
        rejected = report["counts"]["rejected"]
        if self.rehearse:
            self.pages.tell("rehearsed")
            return SOME_WRONG if rejected else DONE
        if rejected and not self.skip:
            self.pages.tell("stopped", "red", count=rejected)
            return SOME_WRONG
        try:
            return self._ended(self._commit(report["id"]))
        except RefusedError as refused:
            if refused.status not in (UNKNOWN, 500):
                self.pages.tell("not_committed", "red")
            raise

    def _commit(self, import_id: str) -> Report:
        self.writes = True
        try:
            with self.meter.shown():
                return self._follow(self.desk.commit(import_id, self.skip))
        except KeyboardInterrupt:
            self.pages.tell("interrupted", "yellow")
            return self.desk.settle(import_id)

    def _ended(self, report: Report, *, is_new: bool = True) -> int:
        match report["state"]:
            case "committed":
                self._committed(report, is_new)
                return SOME_WRONG if report["counts"]["rejected"] else DONE
            case "committing":
                self.pages.tell("under_way", "yellow")
                return INTERRUPTED
            case _:
                return self._failed("not_committed", report)

    def _committed(self, report: Report, is_new: bool) -> None:
        if is_new:
            self.pages.tell("committed", "green", count=report["progress"]["rows_committed"])
            return
        at = datetime.fromisoformat(report["committed_at"]).astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M")
        self.pages.tell("already", "yellow", at=at, by=report["committed_by"])

    def _failed(self, key: str, report: Report) -> int:
        self.pages.tell(key, "red")
        faults = report["faults"]
        places = [" ".join(filter(None, (f.get("sheet"), f.get("cell"), f["pointer"]))) for f in faults]
        told = zip(places, faults, strict=True)
        self.pages.mistakes([Mistake(place, fault["message"], fault["hint"]) for place, fault in told])
        return REFUSED
