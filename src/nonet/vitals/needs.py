"""What needs the operator, decided in one place for their page and for their mail. Pure: figures in, codes out."""

from datetime import timedelta

from nonet.vitals import schemas
from nonet.vitals.schemas import Need

SOON = timedelta(days=14)
UNFOLDED_MANY = 5_000
PATIENCE_S: dict[str, int] = {"first": 120, "light": 120, "encode": 3600}
"""For how many seconds work of each pool may stand in line before that is worth a word: later sizes are waited for by
nobody."""

_BEHIND: dict[str, Need] = {"first": "behind_first", "light": "behind_light", "encode": "behind_encode"}


def needs(health: schemas.Health) -> list[Need]:
    """Return what an operator should do something about, the most urgent first."""
    disk, work = health.disk, health.work
    room = disk.free_bytes - disk.coming_bytes - disk.floor_bytes
    soon = disk.full_on is not None and disk.full_on < health.now.date() + SOON
    late: list[Need] = [
        _BEHIND[pool.slot] for pool in work.pools if (pool.oldest_due_s or 0) > PATIENCE_S.get(pool.slot, 3600)
    ]
    found: list[tuple[Need, bool]] = [
        ("disk_full", room <= 0),
        ("storage_away", not health.storage_answers),
        ("disk_soon", room > 0 and soon),
        ("work_failed", any(pool.failed for pool in work.pools)),
        *((code, True) for code in late),
        ("mail_failed", health.mail.failed > 0),
        ("counters_behind", health.events.unfolded > UNFOLDED_MANY),
    ]
    return [code for code, so in found if so]
