"""Bytes out: the process that sends renditions to viewers (role ``media``).

It knows addresses, two columns of one table and the storage. It writes nothing, and it can't name an original:
an address stands for ``assets/{id}/{name}`` or ``open/{name}`` and nothing else.
"""


async def main() -> None:
    """Send bytes until told to end."""
    from nonet.media.delivery import app  # noqa: PLC0415 - who only writes addresses loads no server

    await app.main()
