"""How people stand to someone who writes to them, read for ``admission`` in one query however many they are."""

from collections.abc import Mapping

from sqlalchemy import and_, func, literal, not_, select
from sqlalchemy.orm import aliased

from nonet.accounts.tables import Account
from nonet.core import db, errors
from nonet.people import privacy, relations
from nonet.people.tables import Profile
from nonet.social.admission import Seat, Standing


async def of(
    session: db.Session, writer_id: int, handles: Mapping[int, str], *, seats: Mapping[int, Seat] | None = None
) -> dict[int, Standing]:
    """Return how each of some people, by id, stands to a writer; ``seats`` are those they have. Raises NotFound."""
    writer, other = aliased(Account), aliased(Account)
    born_by = await privacy.adults_born_by(session)
    query = (
        select(
            other.id,
            and_(other.state == "active", not_(relations.blocked(writer_id, other.id))).label("reachable"),
            relations.follows(other.id, literal(writer_id)).label("follows"),
            relations.follows(writer_id, other.id).label("writer_follows"),
            (other.birth_date > born_by).label("minor"),
            (writer.birth_date > born_by).label("writer_minor"),
            func.coalesce(Profile.messages_from, "everyone").label("messages_from"),
        )
        .select_from(other)
        .join(writer, writer.id == writer_id)
        .outerjoin(Profile, Profile.account_id == other.id)
        .where(other.id.in_(handles))
    )
    found = {row.id: row._asdict() for row in await session.execute(query)}
    if found.keys() != handles.keys():
        raise errors.NotFound
    return {each: _standing(found[each], handles[each], (seats or {}).get(each)) for each in handles}


def _standing(row: dict[str, object], handle: str, seat: Seat | None) -> Standing:
    known = {name: value for name, value in row.items() if name != "id"}
    return Standing(handle=handle, seat=seat, **known)  # type: ignore[arg-type] # the columns are its fields
