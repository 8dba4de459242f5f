"""Results of rounds: who sees them, how they are computed, and how a round moves."""

from app.features.results.service.computing import (
    compute_group,
    iterate_entries,
    list_entries,
    store_computed,
)
from app.features.results.service.moving import move_round
from app.features.results.service.past import (
    compute_as_known,
    list_past_entries,
    list_places,
    unit_result,
)
from app.features.results.service.sheets import read_item, read_sheet
from app.features.results.service.sight import (
    NOW,
    Instant,
    Sight,
    View,
    choose_group,
    group_of,
    look,
    open_round,
    open_view,
    remember_early_read,
    require_sight,
    revision_tag,
)

__all__ = [
    "NOW",
    "Instant",
    "Sight",
    "View",
    "choose_group",
    "compute_as_known",
    "compute_group",
    "group_of",
    "iterate_entries",
    "list_entries",
    "list_past_entries",
    "list_places",
    "look",
    "move_round",
    "open_round",
    "open_view",
    "read_item",
    "read_sheet",
    "remember_early_read",
    "require_sight",
    "revision_tag",
    "store_computed",
    "unit_result",
]
