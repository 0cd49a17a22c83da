"""Who may sign in: people as rows, each with a role of the table of authority and the unit it is played in."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import yaml

from contracts.operations.database import Pool, sorted_errors
from contracts.passes import Bearer
from contracts.programme import Lookup
from contracts.roles import Act, may, table


class Person(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One person. `login`: what the identity provider calls the person; None: signs in by links only."""

    subject: str
    name: str
    role: str
    unit: str | None = None
    login: str | None = None
    active: bool = True

    @property
    def bearer(self) -> Bearer:
        """What a pass says of the person."""
        return Bearer(subject=self.subject, role=self.role, unit=self.unit)

    def may(self, act: Act, *, own: bool = False) -> bool:
        """Whether the table grants it; the services decide, pages only leave out what would be refused."""
        return may(self.role, act, own=own)


class Unfit(ValueError):
    """A person who cannot be: the role or the unit does not exist."""


def check(person: Person, lookup: Lookup) -> Person:
    """The person, if the role exists and the unit is one of the role's; Unfit otherwise."""
    role = table().roles.get(person.role)
    if role is None:
        raise Unfit(f"{person.subject}: no role {person.role!r}; there are {', '.join(table().roles)}")
    units = role.units_in(lookup)
    if (person.unit or None) not in (units or (None,)):
        raise Unfit(f"{person.subject}: a {person.role} belongs to {' or '.join(units) or 'no unit'}")
    return person


def read(file: Path, lookup: Lookup) -> list[Person]:
    """The people of a YAML file, each checked; ValueError when it is not one."""
    found = msgspec.convert(yaml.safe_load(file.read_text("utf-8")), list[Person])
    return [check(person, lookup) for person in found]


@dataclass(frozen=True, slots=True)
class People:
    """The table of people."""

    pool: Pool

    async def all(self) -> list[Person]:
        """Everybody, those who may no longer sign in last."""
        with sorted_errors():
            rows = await self.pool.fetch(f"SELECT {_COLUMNS} FROM desk.person ORDER BY NOT active, role, unit, subject")
        return [Person(**row) for row in rows]

    async def named(self, subject: str) -> Person | None:
        """One of them."""
        with sorted_errors():
            row = await self.pool.fetchrow(f"SELECT {_COLUMNS} FROM desk.person WHERE subject = $1", subject)
        return None if row is None else Person(**row)

    async def known_as(self, login: str) -> Person | None:
        """Whom the identity provider means."""
        with sorted_errors():
            row = await self.pool.fetchrow(f"SELECT {_COLUMNS} FROM desk.person WHERE login = $1 AND active", login)
        return None if row is None else Person(**row)

    async def put(self, people: Sequence[Person]) -> None:
        """Enter them, or change those that are there; whose role, unit or right to sign in changed is signed out."""
        rows = [(p.subject, p.name, p.role, p.unit, p.login, p.active) for p in people]
        with sorted_errors():
            async with self.pool.acquire() as connection, connection.transaction():
                await connection.executemany(_SIGN_OUT, [(p.subject, p.role, p.unit, p.active) for p in people])
                await connection.executemany(_PUT, rows)


_COLUMNS = "subject, name, role, unit, login, active"
_SIGN_OUT = """
    DELETE FROM desk.session USING desk.person p
    WHERE session.subject = p.subject AND p.subject = $1
      AND (p.role, p.unit, p.active) IS DISTINCT FROM ($2::text, $3::text, $4::boolean)"""
_PUT = f"""
    INSERT INTO desk.person ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (subject) DO UPDATE SET
      name = excluded.name, role = excluded.role, unit = excluded.unit, login = excluded.login,
      active = excluded.active, changed_at = now()"""
