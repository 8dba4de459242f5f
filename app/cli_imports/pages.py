"""What is printed of an import: how far it is, and its report."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.table import Table
from rich.text import Text

from app.cli_imports.desks import Mistake, RefusedError, Report
from app.cli_imports.words import say
from app.infra.messages import Language

SHOWN = 20
"""Bad rows and moving units that are printed."""
_WIDTH = 140
"""Of lines that go into a file."""
_EVERY = 5.0
"""Seconds between lines of progress where there is no terminal."""
_COUNTS = ("inserted", "updated", "unchanged", "rejected")


def printable(text: object) -> Text:
    """Text from a file or a service: it steers no terminal."""
    return Text("".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in str(text)))


class Meter:
    """How far the work is: a bar on a terminal, elsewhere a line now and then."""

    def __init__(self, console: Console, language: Language) -> None:
        self.console = console
        self.language = language
        self.bar: Progress | None = None
        self.task: TaskID | None = None
        self.said_at = time.monotonic()

    @contextmanager
    def shown(self) -> Iterator["Meter"]:
        """While the work goes on."""
        if not self.console.is_terminal:
            yield self
            return
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[told]}"))
        with Progress(*columns, console=self.console, transient=True) as self.bar:
            self.task = self.bar.add_task("", total=None, told="")
            yield self

    def show_bytes(self, done: int, total: int) -> None:
        """What has been sent of a file."""
        told = say("bytes", self.language, done=done // 1000, total=total // 1000)
        self._show("sending", told, done, total)

    def show(self, report: Report) -> None:
        """What has been read of it."""
        progress = report["progress"]
        done, rate = progress["rows_read"], progress.get("rows_per_second")
        left = progress.get("remaining_seconds")
        parts = [say("rows", self.language, done=done)]
        if report["state"] == "rehearsing" and rate is not None:
            parts.append(say("rate", self.language, rate=rate))
        if left is not None:
            parts.append(say("left", self.language, left=left))
        self._show(report["state"], ", ".join(parts), done, done + rate * left if rate and left else None)

    def _show(self, what: str, told: str, done: int, total: int | None) -> None:
        title = say(what, self.language) if what in ("sending", "rehearsing", "committing") else ""
        if self.bar is not None and self.task is not None:
            self.bar.update(self.task, description=title, completed=done, total=total, told=told)
        elif title and time.monotonic() - self.said_at >= _EVERY:
            self.said_at = time.monotonic()
            self.console.print(f"{title}: {told}", markup=False, soft_wrap=True)


class Pages:
    """Prints reports."""

    def __init__(self, language: Language) -> None:
        self.language = language
        console = Console(highlight=False)
        self.console = console if console.is_terminal else Console(highlight=False, width=_WIDTH)

    def tell(self, key: str, style: str = "", **params: object) -> None:
        """A line of ours."""
        self.line(say(key, self.language, **params), style)

    def line(self, text: object, style: str = "") -> None:
        """Any line."""
        self.console.print(printable(text), style=style, soft_wrap=True)

    def refuse(self, refused: RefusedError) -> None:
        """Why nothing was done."""
        self.line(f"{refused.message} {refused.hint or ''}".strip(), "red")
        self.mistakes(refused.mistakes)

    def mistakes(self, mistakes: Sequence[Mistake]) -> None:
        """What is wrong with the file as a whole, or with an option."""
        if mistakes:
            self._table(("place", "mistake", "hint"), ((m.place, m.message, m.hint or "") for m in mistakes))

    def report(self, report: Report, bad: Sequence[Report]) -> None:
        """All that was found out about a file."""
        read = report["progress"]["rows_read"]
        self.tell("import", "bold", file=report["file_name"], rows=read, id=report["id"])
        counts = [(say(name, self.language), report["counts"][name]) for name in _COUNTS]
        if report.get("totals_left_out"):
            counts.append((say("totals", self.language), report["totals_left_out"]))
        self._table(("what", "count"), counts, numbers=("count",))
        self._columns(report)
        for remark in report.get("remarks", []):
            self.tell("remark", said=f"{remark['message']} {remark['hint'] or ''}".strip())
        for warning in report.get("warnings", []):
            self._warning(warning)
        self.effects(report.get("effects", []))
        if bad:
            self.bad_rows(bad, report["counts"]["rejected"])

    def _columns(self, report: Report) -> None:
        columns = report.get("columns", {})
        if columns:
            self.tell("columns", said=", ".join(f"{field} ({where})" for field, where in columns.items()))
        for key, name in (("unknown", "unknown_columns"), ("sheets", "sheets_left_out")):
            if report.get(name):
                self.tell(key, "yellow", said="; ".join(report[name]))

    def _warning(self, warning: Mapping[str, Any]) -> None:
        samples = warning.get("samples", [])
        told = "; ".join(f"{self._row(sample)}: {sample['message']}" for sample in samples[:3])
        self.tell("warning", "yellow", count=warning["count"], said=told or warning["code"])

    def _row(self, row: Mapping[str, Any]) -> str:
        sheet = f"{row['sheet']}, " if row.get("sheet") else ""
        return sheet + say("row_of", self.language, row=row["row"])

    def bad_rows(self, bad: Sequence[Report], count: int) -> None:
        """The first rows that are wrong: where, what, how to mend it."""
        self.tell("faults", "bold", shown=len(bad), all=count)
        cells = [
            (f"{row['sheet']}/{row['row']}" if row["sheet"] else row["row"], error["column"] or "",
             error["message"], error["hint"] or "")
            for row in bad for error in row["errors"]
        ]  # fmt: skip
        self._table(("row", "column", "mistake", "hint"), cells)

    def effects(self, groups: Sequence[Mapping[str, Any]]) -> None:
        """Who moves from which rank to which, in the rounds that read these figures."""
        for group in groups:
            where = {"round": group["round"], "group": group["group"]}
            if group.get("is_hidden"):
                self.tell("hidden", **where)
                continue
            changes = {"points": group["changed_points"], "ranks": group["changed_ranks"]}
            self.tell("effects", "bold", **where, **changes)
            units = group["units"]
            if units:
                self._table(("unit", "points", "rank"), map(_moved, units[:SHOWN]), ("points", "rank"))
            if len(units) > SHOWN:
                self.tell("more", count=len(units) - SHOWN)

    def _table(
        self, headings: Sequence[str], rows: Iterable[Sequence[object]], numbers: Sequence[str] = ()
    ) -> None:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for heading in headings:
            justify: Any = "right" if heading in numbers else "left"
            table.add_column(say(heading, self.language), justify=justify, overflow="fold")
        for row in rows:
            table.add_row(*map(printable, row))
        self.console.print(table)


def _moved(unit: Mapping[str, Any]) -> tuple[str, ...]:
    """A unit: points and rank, from -> to."""
    before, after = unit["before"], unit["after"]
    name = f"{unit['name_vi']} ({unit['code']})"
    return name, *(
        f"{before[what]} -> {after[what]}" if before[what] != after[what] else str(after[what] or "")
        for what in ("points", "rank")
    )
