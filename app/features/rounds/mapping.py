"""Rows of rounds -> where the round stands, and what is said about it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from app.core.errors import Fault
from app.core.framework import Process
from app.core.types import RoundState
from app.core.workflow import PHASES, Action, Standing, next_states, round_actions
from app.features.rounds.repository import Participant
from app.features.rounds.schemas import (
    DeadlinesRead,
    NextAction,
    ParticipantGroup,
    RoundRead,
    RoundSummary,
    RoundWrite,
)
from app.infra.messages import Language, render
from app.models import AssessmentRoundRow, RoundGroupRow


def standing_of(row: AssessmentRoundRow, process: Process) -> Standing:
    """Where a round stands under the process of its criteria set."""
    return Standing(RoundState(row.state), process, deadlines_of(row))


def deadlines_of(row: AssessmentRoundRow) -> dict[RoundState, datetime]:
    """The deadlines that are set."""
    found = {phase: getattr(row, f"{phase}_until") for phase in PHASES}
    return {phase: at for phase, at in found.items() if at is not None}


def summary_of(
    row: AssessmentRoundRow, process: Process, fault: Fault | None, language: Language
) -> RoundSummary:
    """A round without its participants. `fault`: why a draft cannot be opened yet."""
    standing = standing_of(row, process)
    blocks = {RoundState.SELF_ASSESSMENT: fault} if fault else {}
    return RoundSummary(
        code=row.code,
        title_vi=row.title_vi,
        framework=f"{row.framework_code}@{row.framework_version}",
        period=row.period,
        previous_round=row.previous_round_code,
        state=standing.state,
        revision=row.revision,
        allowed_transitions=next_states(process, standing.state),
        actions=render_actions(round_actions(standing, blocks), language),
    )


def groups_of(groups: Iterable[RoundGroupRow], participants: Iterable[Participant]) -> list[ParticipantGroup]:
    """Groups with their units, both in the order in which they were given."""
    members: dict[str, list[str]] = {}
    for participant in participants:
        members.setdefault(participant.group_code, []).append(participant.unit_code)
    return [
        ParticipantGroup(group=g.group_code, units=members.get(g.group_code, []), ranked=g.ranked)
        for g in groups
    ]


def deadlines_read(row: AssessmentRoundRow) -> DeadlinesRead:
    """The deadline of every phase; None where it has none."""
    deadlines = deadlines_of(row)
    return DeadlinesRead(**{phase: deadlines.get(phase) for phase in PHASES})


def as_write(read: RoundRead) -> RoundWrite:
    """What would have to be written to get this round."""
    return RoundWrite.model_validate(read.model_dump(include=set(RoundWrite.model_fields)))


def render_actions(actions: Sequence[Action], language: Language) -> list[NextAction]:
    """Actions with their reasons in words."""
    return [
        NextAction(
            action=action.name,
            to=action.to,
            allowed=action.fault is None,
            deadline=action.deadline,
            code=action.fault.code if action.fault else None,
            reason=render(action.fault.code, action.fault.params, language)[0] if action.fault else None,
        )
        for action in actions
    ]
