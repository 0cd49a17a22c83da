"""Who may do what: bearer tokens as sets of cells (rules 1.4 and 2.4).

All three services ask here, for each item. Of a machine's token only the hash is kept, in a file that is read again
when it changes; a person comes with a pass of the desk (passes.py), whose role stands in roles.yaml. Both become a
`Grant`. What is not granted is refused.
"""

import hashlib
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import yaml

from contracts.passes import Bearer, Expired, NotAPass, Passes
from contracts.programme import OFFICE, Indicator, Lookup
from contracts.rates import Allowance, Rates
from contracts.roles import Act, table

Kind = Literal["report", "correct", "approve", "act", "review", "read", "catalogue"]
Sha256 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
Instant = Annotated[datetime, msgspec.Meta(tz=True)]

# What a word of the tokens file stands for in the table of roles.
KINDS: Mapping[Kind, frozenset[Act]] = {
    "report": frozenset({"report", "comment"}),
    "correct": frozenset({"correct"}),
    "approve": frozenset({"approve", "excuse", "publish", "comment"}),
    "act": frozenset({"acknowledge", "answer", "object"}),
    "review": frozenset({"remind", "review", "escalate", "suppress", "override", "trial", "deliveries"}),
    "read": frozenset({"read"}),
    "catalogue": frozenset({"catalogue"}),
}
_OF_UNITS: frozenset[Kind] = frozenset({"report", "correct", "act"})  # they reach what the unit writes or is asked
_PERSON = 6_000  # requests and items a minute: a department's whole table, again and again

log = logging.getLogger(__name__)


class Refused(Exception):
    """The caller is not known (401) or may not do this (403)."""

    def __init__(self, status: Literal[401, 403], code: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.status, self.code, self.zh, self.en = status, code, zh, en


class Grant(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry of the tokens file. `department` names the unit: a department's id, or a district's for its government.

    Cells are the indicators, or those of the areas, in the districts. Nothing listed is nothing granted.
    A token without a department that lists a single district is that district's government's.
    `acts` are those of its kinds and any that are listed besides; those of `own` reach what the unit writes or is
    asked, as each place of an act sees to, and for the government of the district `place` nothing beyond it.
    """

    subject: str
    sha256: Sha256
    department: str | None = None
    indicators: frozenset[str] | Literal["*"] = frozenset()
    areas: frozenset[str] = frozenset()
    districts: frozenset[str] | Literal["*"] = frozenset()
    kinds: frozenset[Kind] = frozenset()
    acts: frozenset[Act] = frozenset()
    own: frozenset[Act] = frozenset()
    place: str | None = None
    expires_at: Instant | None = None
    rate_per_minute: Annotated[int, msgspec.Meta(gt=0)] = 60_000

    def __post_init__(self) -> None:
        everywhere = frozenset[Act]().union(*(KINDS[kind] for kind in self.kinds if kind not in _OF_UNITS))
        units = frozenset[Act]().union(*(KINDS[kind] for kind in self.kinds if kind in _OF_UNITS))
        msgspec.structs.force_setattr(self, "acts", self.acts | self.own | everywhere | units)
        msgspec.structs.force_setattr(self, "own", self.own | (units - everywhere))

    @property
    def allowance(self) -> Allowance:
        """How often it may be used."""
        return Allowance.per_minute(self.sha256, self.rate_per_minute)

    @property
    def unit(self) -> str | None:
        """For whom it speaks: a department, a district's government, or nobody in particular."""
        if self.department is None and self.districts != "*" and len(self.districts) == 1:
            return next(iter(self.districts))
        return self.department

    def allows(self, act: Act, indicator: str | None = None, district: str | None = None) -> bool:
        """Whether the token may do `act`, on that indicator and in that district where they are named."""
        return (
            act in self.acts
            and (indicator is None or self.indicators == "*" or indicator in self.indicators)
            and (district is None or self.districts == "*" or district in self.districts)
            and (district is None or self.place in (None, district) or act not in self.own)
        )

    def over(self, now: datetime) -> bool:
        """Whether it has expired."""
        return self.expires_at is not None and self.expires_at <= now

    def require(self, act: Act, indicator: str | None = None, district: str | None = None) -> None:
        """Refused (403) unless the token allows it."""
        if not self.allows(act, indicator, district):
            words = table().acts[act]
            zh, en = f"您无权在此进行“{words.zh}”操作", f"you may not do this here: {words.en} ({act})"
            raise Refused(403, "not_authorised", zh, en)


class Tokens:
    """The tokens file, looked at again at most once a second. `lookup` turns areas into their indicators; `passes`
    reads those of people, None: there are none.

    Rates are kept in this process's memory: each process of a service grants the whole rate.
    """

    def __init__(
        self,
        path: Path,
        lookup: Lookup | None = None,
        *,
        passes: Path | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._path, self._lookup, self._monotonic = path, lookup, monotonic
        self._passes = Passes(passes) if passes else None
        self._grants: Mapping[str, Grant] = {}
        self._rates = Rates(monotonic)
        self._seen: tuple[int, ...] | None = None
        self._looked_at = -1.0
        self._refresh()

    def grant(self, authorization: str | None, now: datetime) -> Grant:
        """What the `Authorization` header's token grants at platform time `now`; Refused (401) otherwise."""
        self._refresh()
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Refused(401, "token_missing", "请在 Authorization 头中提供令牌", "send Authorization: Bearer <token>")
        if bearer := self._bearer(token.strip()):
            return granted(bearer, self._lookup)
        found = self._grants.get(hashed(token.strip()))
        if found is None:
            raise Refused(401, "token_unknown", "令牌无效或已被撤销", "the token is unknown or was revoked")
        if found.over(now):
            raise Refused(401, "token_expired", "令牌已过期，请申请新令牌", "the token has expired; ask for a new one")
        return found

    def held(self, sha256: str, now: datetime) -> Grant | None:
        """What a machine's token grants now, by its hash; None: it is gone, has expired or is a person's."""
        self._refresh()
        found = self._grants.get(sha256)
        return None if found is None or found.over(now) else found

    def approver(self, authorization: str, subject: str, now: datetime) -> Grant | None:
        """What whoever is named as approving may do: with a person's pass the person of whom the desk says so in it, or
        the bearer; with a machine's token another entry of the file, or the token itself. None: nobody is known."""
        if bearer := self._bearer(authorization.partition(" ")[2].strip()):
            known = [each for each in (bearer, bearer.approver) if each is not None and each.subject == subject]
            return granted(known[0], self._lookup) if known else None
        return next((each for each in self._grants.values() if each.subject == subject and not each.over(now)), None)

    def _bearer(self, token: str) -> Bearer | None:
        """The person that a pass speaks of; None: it is no pass. Refused (401) where it does not hold (any more)."""
        if self._passes is None or token.count(".") != 2:
            return None
        try:
            return self._passes.read(token)
        except Expired:
            zh, en = "通行证已过期，请重试", "the pass has expired; a new one is needed"
            raise Refused(401, "token_expired", zh, en) from None
        except NotAPass:
            raise Refused(401, "token_unknown", "令牌无效或已被撤销", "the token is unknown or was revoked") from None

    def follow(self, lookup: Lookup) -> None:
        """Areas have other indicators from now on: read the file again with them."""
        self._lookup, self._seen, self._looked_at = lookup, None, -1.0

    def spend(self, of: Allowance, items: int, *, paid: int = 0) -> int:
        """Take `items` from a caller's rate, as `Rates.spend` does (real time)."""
        return self._rates.spend(of, items, paid=paid)

    def _refresh(self) -> None:
        if 0 <= self._monotonic() - self._looked_at < 1 and self._looked_at >= 0:
            return
        self._looked_at = self._monotonic()
        try:
            stat = self._path.stat()
        except FileNotFoundError:
            self._grants, self._seen = {}, None  # no file: nobody is known
            return
        except OSError as error:  # the last good set holds
            if self._seen != ():
                log.warning("tokens file not looked at: %s", error)
            self._seen = ()
            return
        seen = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        if seen == self._seen:
            return
        self._seen = seen
        try:
            grants = read(self._path)
        except (OSError, ValueError, yaml.YAMLError) as error:  # half written or wrong: the last good set holds
            log.warning("tokens file not read: %s", error)
            return
        self._grants = {each.sha256: self._resolved(each) for each in grants}
        for doubt in _doubts(grants, self._lookup):
            log.warning("tokens file: %s", doubt)

    def _resolved(self, grant: Grant) -> Grant:
        if not grant.areas or self._lookup is None or grant.indicators == "*":
            return grant
        within = frozenset(i.id for i in self._lookup.indicators.values() if _areas_of(self._lookup, i) & grant.areas)
        return msgspec.structs.replace(grant, indicators=grant.indicators | within)


def _areas_of(lookup: Lookup, indicator: Indicator) -> frozenset[str]:
    """The areas an indicator stands under, on both levels."""
    own = {area for area in (indicator.area, indicator.area_2023) if area is not None}
    parents = {lookup.areas[area].parent for area in own if area in lookup.areas}
    return frozenset(own | {area for area in parents if area is not None})


def _doubts(grants: Sequence[Grant], lookup: Lookup | None) -> Iterator[str]:
    """Entries that will not do what their author meant."""
    holders: dict[str, list[str]] = {}
    for grant in grants:
        holders.setdefault(grant.sha256, []).append(grant.subject)
    for subjects in holders.values():
        if len(subjects) > 1:
            yield f"{', '.join(subjects)} have one and the same token; only the last entry counts"
    if lookup is None:
        return
    for grant in grants:
        for what, named, known in _named(grant, lookup):
            if named - known:
                yield f"{grant.subject} names no known {what}: {', '.join(sorted(named - known))}"


def _named(grant: Grant, lookup: Lookup) -> Iterator[tuple[str, Set[str], Set[str]]]:
    """What a grant names of the programme, and what there is."""
    yield "indicator", _listed(grant.indicators), lookup.indicators.keys()
    yield "area", grant.areas, lookup.areas.keys()
    yield "district", _listed(grant.districts), lookup.districts.keys()
    unit = frozenset() if grant.department is None else frozenset({grant.department})
    yield "department or district", unit, lookup.departments.keys() | lookup.districts.keys() | {OFFICE}


def _listed(names: frozenset[str] | Literal["*"]) -> frozenset[str]:
    return frozenset() if names == "*" else names


def read(path: Path) -> list[Grant]:
    """The grants of a tokens file; ValueError when it is not one."""
    return msgspec.convert(yaml.safe_load(path.read_text("utf-8")) or [], list[Grant])


def granted(bearer: Bearer, lookup: Lookup | None) -> Grant:
    """What the table grants a person: acts of `all` everywhere, of `own` where the unit writes or is addressed, which
    the place of each act asks (`writer`, the ticket's addressee). A role that is not in the table may nothing, one with
    a unit that is none of the role's nothing of its own."""
    role = table().roles.get(bearer.role)
    fits = role is not None and bool(role.own) and (lookup is None or bearer.unit in role.units_in(lookup))
    unit = bearer.unit if fits else None
    return Grant(
        subject=bearer.subject,
        sha256=hashed(f"person {bearer.subject}"),
        department=unit,
        place=unit if role is not None and role.units == "districts" else None,
        indicators="*",
        districts="*",
        acts=role.all if role is not None else frozenset(),
        own=role.own if role is not None and unit is not None else frozenset(),
        rate_per_minute=_PERSON,
    )


def hashed(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
