"""Scores of a round, by the rules of a batch over HTTP."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlmodel import Session

from app.core.access import STAGE_SCOPES
from app.core.errors import Fault
from app.core.sheet import Key, Row, Said, check_rows
from app.core.types import ClientScope
from app.features.effects.service import Watched, watch_groups
from app.features.imports.mapping.records import Record
from app.features.imports.mapping.scores import Items, as_said, column_of, read_score, show_score
from app.features.imports.repository import StagedLine
from app.features.imports.service.kinds.base import Checked, read_places
from app.features.imports.service.kinds.listed import CHANGING, GOOD, TOLD, ListedKind
from app.features.rounds import repository as round_queries
from app.features.rounds import service as rounds
from app.features.scores import service as scores
from app.features.units import service as units
from app.infra.errors import ConflictError
from app.models import ImportRow


class ScoreKind(ListedKind):
    """Scores of units, items and stages of one round."""

    scopes = (ClientScope.SCORES_SELF, ClientScope.SCORES_APPRAISE)
    subject = ("item", "stage")
    most_rows = 200_000
    needs_round = True

    def prepare(self, session: Session) -> None:
        """The round with its participants, and what the caller may do for each."""
        self.round = rounds.get_round(session, self.options.round or "")
        self.round_code, self.on = self.round.code, self.round.period_end
        self.items = Items(rounds.get_framework(session, self.round))
        self.groups = {
            p.unit_code: p.group_code for p in round_queries.list_participants(session, self.round_code)
        }
        self.places = read_places(session, self.groups)
        by = self.work.caller
        self.reached = {
            scope: units.find_covered(session, by.having(scope), self.groups, self.on)
            for scope in self.scopes
        }
        self.own = units.find_own(session, by, self.groups, self.on)
        self.earlier: dict[Key, Said] = {}

    def check(self, record: Record, line: dict[str, Any]) -> Checked:
        """A score with its place."""
        faults = list(record.faults)
        place = self.places.find(record, self.options.unit, self.on)
        item = self.items.find(record)
        faults += [found for found in (place, item) if isinstance(found, Fault)]
        if not isinstance(place, Fault):
            line["unit_code"] = place.code
        score = read_score(record, self.options, line["unit_code"] or "", str(item), faults)
        faults = [Fault(f.code, column_of(f.pointer) if f.pointer else "", f.params) for f in faults]
        if score is None or faults:
            return Checked(record, line, None, faults)
        line["subject"] = f"{score['item']}/{score['stage']}"
        row = scores.row_of(line["position"], score)
        faults += self._refuse_right(row)
        return Checked(record, line, row.said, faults, row.key)

    def _refuse_right(self, row: Row) -> list[Fault]:
        """Each side writes its own stages of the units that it reaches; nobody appraises his own unit."""
        unit, scope = row.key[0], STAGE_SCOPES[row.key[2]]
        if unit in self.groups and unit not in self.reached[scope]:
            return [Fault("row_outside_scope", "/unit_code", {"unit": unit})]
        if scope is ClientScope.SCORES_APPRAISE and unit in self.own:
            return [Fault("own_unit", "/unit_code", {"units": unit})]
        return []

    def list_standing(self, session: Session, rows: Sequence[Checked]) -> Mapping[tuple[str, ...], Any]:
        """What stands now, of the sheets that are held."""
        named = {found.key[0] for found in rows}
        self.target = scores.hold_target(session, self.round_code, named, self.work.caller)
        known = scores.list_known(session, self.target, [_row(found) for found in rows]) if named else {}
        return cast("dict[tuple[str, ...], Any]", known)

    def check_together(self, rows: Sequence[Checked], standing: Mapping[tuple[str, ...], Any]) -> None:
        """By the rules of a batch, those of earlier parts of the file included."""
        batch = [_row(found) for found in rows]
        earlier = {key: said for key, said in self.earlier.items() if key[0] in self.target.units}
        known = cast("dict[Key, Said]", dict(standing)) | earlier
        changed = [row for row in batch if standing.get(row.key) != row.said]
        of = {found.line["position"]: found.faults for found in rows}
        for fault in _check(self.target, known, batch, changed):
            _, _, position, *rest = fault.pointer.split("/")
            of[int(position)].append(Fault(fault.code, column_of("/".join(rest)), fault.params))

    def is_same(self, old: Any, new: Any) -> bool:
        """To the last document."""
        return tuple(old) == tuple(new)

    def keep(self, found: Checked, action: str) -> None:
        """What the file changes so far."""
        if action != "unchanged":
            self.earlier[_row(found).key] = found.said

    def watch(self, session: Session) -> list[Watched]:
        """The groups of these units."""
        groups = {self.groups[unit] for unit, _, _ in self.earlier}
        row = rounds.get_round(session, self.round_code)
        return watch_groups(session, row, groups, self.work.caller)

    def hold(self, session: Session) -> None:
        """The round and the sheets of the units; what is staged for them."""
        pages = self.iterate_pages(session, GOOD)
        self.staged = [_Staged(line) for lines in pages for line in lines]
        named = {staged.row.key[0] for staged in self.staged}
        self.target = scores.hold_target(session, self.options.round or "", named, self.work.caller)

    def list_outdated(self, session: Session) -> tuple[int, list[Fault]]:
        """Entries that were written since. Refuses what the round or its sheets take no longer."""
        rows = [staged.row for staged in self.staged]
        known = scores.list_known(session, self.target, rows) if rows else {}
        changed = [staged for staged in self.staged if known.get(staged.row.key) != staged.old]
        if not changed:
            scores.require_rights(session, self.target, rows)
            self._refuse_invalid(known, rows)
        return len(changed), [_told(s.row, s.old, known.get(s.row.key)) for s in changed[:TOLD]]

    def _refuse_invalid(self, known: Mapping[Key, Said], rows: Sequence[Row]) -> None:
        changed = [row for row in rows if known.get(row.key) != row.said]
        faults = _check(self.target, known, changed, changed)
        if faults:
            named = [Fault(f.code, f.pointer.replace("/scores/", "/rows/"), f.params) for f in faults[:TOLD]]
            raise ConflictError("import_no_longer_valid", named, count=len(faults))

    def write(self, session: Session, row: ImportRow) -> int:
        """As a batch is written."""
        changing = [staged for staged in self.staged if staged.action in CHANGING]
        known = {staged.row.key: staged.old for staged in changing if staged.old is not None}
        rows = [staged.row for staged in changing]
        scores.write_rows(session, self.target, known, rows, row.id)
        return len(rows)

    @staticmethod
    def show(stored: Any) -> dict[str, Any]:
        """As over HTTP."""
        return dict(show_score(stored))


class _Staged:
    """A line as a row of a batch, with what stood in its place."""

    def __init__(self, line: StagedLine) -> None:
        item, _, stage = (line.subject or "").partition("/")
        self.row = Row(line.position, (line.unit_code, item, stage), as_said(line.new))
        self.old = as_said(line.old) if line.old else None
        self.action = line.action


def _row(found: Checked) -> Row:
    unit, item, stage = found.key
    return Row(found.line["position"], (unit, item, stage), found.said)


def _check(
    target: scores.Target, known: Mapping[Key, Said], rows: Sequence[Row], changed: Sequence[Row]
) -> list[Fault]:
    """Everything that a batch of these rows would be refused for, rights aside."""
    alone = check_rows(target.basis, rows)
    if alone:
        bad = {fault.pointer.split("/")[2] for fault in alone}
        changed = [row for row in changed if str(row.position) not in bad]
    return alone + scores.list_closed(target, changed) + scores.check_changes(target, known, changed)


def _told(row: Row, before: Said | None, now: Said | None) -> Fault:
    unit, item, stage = row.key
    said = {"unit": unit, "item": item, "stage": stage, "before": _text(before), "now": _text(now)}
    return Fault("import_score_outdated", f"/rows/{row.position}", said)


def _text(said: Said | None) -> str:
    shown = show_score(said) if said else {}
    return ", ".join(f"{name} {value}" for name, value in shown.items() if value is not None) or "-"
