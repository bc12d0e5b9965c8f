"""What was decided of a subject and holds now, as conditions of any select.

Each condition names its tables apart, so that the select around it may use the same ones.
"""

from typing import Any

from sqlalchemy import BindParameter, ColumnElement, exists, false
from sqlalchemy.orm import aliased

from nonet.moderation.tables import Label, Report


def hidden(kind: str, id_column: Any) -> ColumnElement[bool]:  # noqa: ANN401 - a column of SQLAlchemy
    """Return whether moderators have hidden the subject."""
    label = aliased(Label)
    return exists().where(label.kind == kind, label.subject_id == id_column, label.name == "hidden")


def reported(kind: str, id_column: Any, viewer_id: int | BindParameter[Any] | None) -> ColumnElement[bool]:  # noqa: ANN401
    """Return whether the viewer has reported the subject, which hides it from them."""
    if viewer_id is None:
        return false()
    report = aliased(Report)
    return exists().where(report.reporter_id == viewer_id, report.kind == kind, report.subject_id == id_column)
