"""The forms of one ticket: which of them a person and the ticket's state allow, and what each asks of the API. Pure.

The services decide when a form is sent; this only leaves out what would be refused, and says what is missing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal

from contracts.roles import Act
from services.desk.people import Person

Kind = Literal["words", "person", "date", "until", "colour", "about", "file"]
Item = Mapping[str, Any]
LAGGING = ("OPEN", "ACKED", "ANSWERED")
LIVING = (*LAGGING, "RECOVERED")
LONGEST = 2900  # characters of words: the API takes 4000, and the answer's plan names its files


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to fill in."""

    name: str
    kind: Kind = "words"
    required: bool = True


REASON = (Field("reason"),)


@dataclass(frozen=True, slots=True)
class Form:
    """One act: who may, in which states, and what has to be said."""

    act: str
    needs: Act
    states: tuple[str, ...]
    fields: tuple[Field, ...] = ()
    not_rules: tuple[str, ...] = ()
    suppressed: bool | None = None  # None: either way
    objected: bool | None = None  # an objection waits; None: either way

    @property
    def files(self) -> bool:
        """Whether files may be sent with it."""
        return any(each.kind == "file" for each in self.fields)


FORMS: tuple[Form, ...] = (
    Form("ack", "acknowledge", ("OPEN",)),
    Form(
        "answer",
        "answer",
        LAGGING,
        (Field("cause"), Field("plan"), Field("promised_on", "date"), Field("file", "file", required=False)),
    ),
    Form("object", "object", LIVING, (Field("about", "about"), *REASON), objected=False),
    Form("objection_withdrawn", "object", LIVING, REASON, objected=True),
    Form("objection_upheld", "review", LIVING, REASON, objected=True),
    Form("objection_dismissed", "review", LIVING, REASON, objected=True),
    Form("review_passed", "review", ("RECOVERED",), (Field("reason", required=False),), ("reporting",)),
    Form("review_refused", "review", ("RECOVERED",), REASON, ("reporting",)),
    Form("escalate", "escalate", LAGGING, REASON, ("forecast",)),
    Form(
        "suppress",
        "suppress",
        LAGGING,
        (*REASON, Field("approver", "person"), Field("until", "until")),
        suppressed=False,
    ),
    Form("unsuppress", "suppress", LAGGING, REASON, suppressed=True),
)  # fmt: skip
OVERRIDE = Form("override", "override", (), (Field("colour", "colour"), *REASON, Field("until", "until")))
END_OVERRIDE = Form("end_override", "override", (), REASON)
BY_NAME = {form.act: form for form in (*FORMS, OVERRIDE, END_OVERRIDE)}
_OWN: tuple[Act, ...] = ("acknowledge", "answer", "object")  # of the addressee alone, whatever else a role may do
_NEXT = {"OPEN": "ack", "ACKED": "answer", "RECOVERED": "review_passed"}


@dataclass(frozen=True, slots=True)
class Filled:
    """What was typed, and what is wrong with it: a text's key for each field."""

    values: Mapping[str, str]
    wrong: Mapping[str, str] = field(default_factory=dict)


def allowed(person: Person, ticket: Item, light: Item | None) -> list[Form]:
    """The forms to show, in the order of a ticket's life. `light`: what its series shows; None for a project."""
    found = [form for form in FORMS if _granted(person, form, ticket) and _fits(form, ticket)]
    if light is not None and person.may("override"):
        if light["override"] is not None:
            found.append(END_OVERRIDE)
        elif worse_than(light["light"]):
            found.append(OVERRIDE)
    return found


def expected(ticket: Item) -> str | None:
    """The act that the ticket waits for: its form stands open."""
    return _NEXT.get(ticket["state"])


def worse_than(colour: str) -> tuple[str, ...]:
    """The colours that an override may choose (rule 6.6)."""
    return {"green": ("yellow", "red"), "yellow": ("red",)}.get(colour, ())


def _granted(person: Person, form: Form, ticket: Item) -> bool:
    own = person.unit is not None and person.unit == ticket["addressee"]
    return person.may(form.needs, own=own) and (own or form.needs not in _OWN)


def _fits(form: Form, ticket: Item) -> bool:
    return (
        ticket["state"] in form.states
        and ticket["rule"] not in form.not_rules
        and form.suppressed in (None, ticket["suppressed"])
        and form.objected in (None, ticket["objected"])
    )


def filled(form: Form, sent: Mapping[str, Any]) -> Filled:
    """What was typed into a form, checked as far as can be said without the service."""
    values = {f.name: str(sent.get(f.name) or "").strip() for f in form.fields if f.kind != "file"}
    wrong: dict[str, str] = {}
    for each in form.fields:
        value = values.get(each.name, "")
        if each.kind != "file" and each.required and not value:
            wrong[each.name] = "missing"
        elif len(value) > LONGEST:
            wrong[each.name] = "too_long"
        elif value and each.kind in ("date", "until") and not _is_date(value):
            wrong[each.name] = "no_date"
    return Filled(values, wrong)


def body(form: Form, values: Mapping[str, str], files: Sequence[str] = ()) -> dict[str, str]:
    """The document of the API. `until` is a day, to its end (24:00 in Shanghai); `files` end the plan."""
    said = {name: value for name, value in values.items() if value}
    if "until" in said:
        said["until"] = f"{date.fromisoformat(said['until']) + timedelta(days=1)}T00:00:00+08:00"
    if files:
        said["plan"] = "\n".join((said["plan"], *files))
    return said if form in (OVERRIDE, END_OVERRIDE) else {"act": form.act, **said}


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value) < date(9999, 1, 1)
    except ValueError:
        return False
