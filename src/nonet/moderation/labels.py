"""What was decided of a subject and holds now: conditions of any select, and the one hand that writes labels.

Each condition names its tables apart, so that the select around it may use the same ones.
"""

from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, delete, exists, false
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from nonet.core import clock, db, jobs
from nonet.moderation.tables import Label, Report

LABELLED = "moderation.labelled"
"""Told when a label is put on or taken off: ``kind``, ``subject_id``, ``name``, ``on``."""


def hidden(kind: str, id_column: Any) -> ColumnElement[bool]:  # noqa: ANN401 - a column of SQLAlchemy
    """Return whether moderators have hidden the subject."""
    return _has(kind, id_column, "hidden")


def sensitive(kind: str, id_column: Any) -> ColumnElement[bool]:  # noqa: ANN401 - a column of SQLAlchemy
    """Return whether moderators have covered the subject: who wants to see it asks for that."""
    return _has(kind, id_column, "sensitive")


def _has(kind: str, id_column: Any, name: str) -> ColumnElement[bool]:  # noqa: ANN401 - a column of SQLAlchemy
    label = aliased(Label)
    return exists().where(label.kind == kind, label.subject_id == id_column, label.name == name)


def reported(
    kind: str,
    id_column: Any,  # noqa: ANN401 - a column of SQLAlchemy
    viewer_id: int | SQLColumnExpression[Any] | None,
) -> ColumnElement[bool]:
    """Return whether the viewer has reported the subject, which hides it from them."""
    if viewer_id is None:
        return false()
    report = aliased(Report)
    return exists().where(report.reporter_id == viewer_id, report.kind == kind, report.subject_id == id_column)


async def put(session: db.Session, kind: str, subject_id: int, name: str, decision_id: int) -> None:
    """Label a subject, from the next response on."""
    values = {"kind": kind, "subject_id": subject_id, "name": name}
    since = {"decision_id": decision_id, "created_at": clock.now()}
    await session.execute(
        insert(Label)
        .values(values | since)
        .on_conflict_do_update(index_elements=["kind", "subject_id", "name"], set_=since)
    )
    await _tell(session, values, on=True)


async def take_off(session: db.Session, kind: str, subject_id: int, name: str) -> None:
    """Remove a label of a subject, if it has it."""
    await session.execute(delete(Label).where(Label.kind == kind, Label.subject_id == subject_id, Label.name == name))
    await _tell(session, {"kind": kind, "subject_id": subject_id, "name": name}, on=False)


async def _tell(session: db.Session, label: dict[str, Any], *, on: bool) -> None:
    await jobs.publish(session, LABELLED, label | {"subject_id": str(label["subject_id"]), "on": on})
