"""``nonet user``: make an account, let someone back in, give a role. For who has the machine when no page helps."""

from enum import StrEnum
from typing import Annotated

import typer

from nonet.accounts import addresses, ages, door, instance, names, passwords, service
from nonet.accounts.tables import Account
from nonet.cli_database import work
from nonet.core import clock, db, errors, ids, prefs
from nonet.people import privacy

app = typer.Typer(no_args_is_help=True, help="Accounts: create, reset, promote.")
Login = Annotated[str, typer.Argument(help="Handle or e-mail address.")]
Birth = Annotated[str, typer.Option(prompt="Birth date", help="Like 1990-12-31.")]
Password = Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)]


class Role(StrEnum):
    """What an account may do."""

    person = "person"
    moderator = "moderator"
    operator = "operator"


class NobodyThere(errors.NotFound):
    """No account has this handle or address."""

    code = "nobody_there"
    sentence = "There is no account {login}."


@app.command()
def create(
    handle: Annotated[str, typer.Argument(help="The handle, without @.")],
    email: Annotated[str, typer.Option(prompt="E-mail address")],
    born: Birth,
    password: Password,
    role: Annotated[Role, typer.Option()] = Role.person,
) -> None:
    """Make an account, also where registration is closed. Its address counts as confirmed."""

    async def step(session: db.Session) -> str:
        known, address, today = names.well_formed(handle), addresses.parse(email), clock.now().date()
        passwords.check(password, known, address)
        birth_date, minimum_age = ages.parse(born, today), await prefs.get(session, instance.MINIMUM_AGE)
        if ages.age(birth_date, today) < minimum_age:
            raise ages.TooYoung(minimum_age=minimum_age)
        await service.real_time(session)
        account = Account(id=ids.new(), handle=known, birth_date=birth_date, role=role.value)
        account.password_hash = await passwords.hash(password)
        account.email, account.email_key = address, addresses.key(address)
        if await service.owner_of(session, address, account.id):
            raise service.EmailTaken
        account.email_verified_at = clock.now()
        await service.add(session, account)
        await privacy.begin(session, account)
        return known

    typer.echo(f"@{work(step)} can sign in now.")


@app.command()
def reset(login: Login) -> None:
    """Print a link by which a person chooses a new password. Links before it end."""

    async def step(session: db.Session) -> str:
        return await door.reset_link(session, await _find(session, login))

    typer.echo(f"For one use, by {login} alone: {work(step)}")


@app.command()
def promote(login: Login, role: Annotated[Role, typer.Argument()] = Role.operator) -> None:
    """Give an account a role, operator unless another is named. It holds from the person's next request."""

    async def step(session: db.Session) -> str:
        account = await _find(session, login)
        await service.promote(session, account.id, role.value)
        return account.handle

    typer.echo(f"@{work(step)} is {role.value} now.")


async def _find(session: db.Session, login: str) -> Account:
    account = await service.by_login(session, login)
    if account is None:
        raise NobodyThere(login=login)
    return account
