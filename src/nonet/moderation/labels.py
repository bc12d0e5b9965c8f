"""What was decided of a subject and holds now, as conditions of any select."""

from typing import Any

from sqlalchemy import BindParameter, ColumnElement, exists, false

from nonet.moderation.tables import Label, Report


def hidden(kind: str, id_column: Any) -> ColumnElement[bool]:  # noqa: ANN401 - a column of SQLAlchemy
    """Return whether moderators have hidden the subject."""
    return exists().where(Label.kind == kind, Label.subject_id == id_column, Label.name == "hidden")


def reported(kind: str, id_column: Any, viewer_id: int | BindParameter[Any] | None) -> ColumnElement[bool]:  # noqa: ANN401
    """Return whether the viewer has reported the subject, which hides it from them."""
    if viewer_id is None:
        return false()
    return exists().where(Report.reporter_id == viewer_id, Report.kind == kind, Report.subject_id == id_column)
