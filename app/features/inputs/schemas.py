"""Shapes of reports."""

from pydantic import Field

from app.infra.schemas import Read, ShownInstant


class ReportRead(Read):
    """A report that a figure rests on."""

    unit: str = Field(examples=["38"])
    scope: str | None = Field(examples=["total"])
    period: str | None = None
    """Of dossier counts: a figure may be made of the parts of its period."""
    field: str | None = None
    """Field of procedure; null is all of them."""
    source: str | None
    extracted_at: ShownInstant | None
    recorded_at: ShownInstant
    recorded_by: str | None
    revision: int
    import_id: str | None = None
    """The import that brought it."""
