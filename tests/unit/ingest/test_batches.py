"""Items judged together: identity within a batch (rule 2.7) and all-or-nothing."""

import json
from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from contracts.objections import Objection
from services.ingest.acceptance import Acceptable
from services.ingest.batches import Decision, judge, judge_alone
from services.ingest.envelope import Item, decode
from tests.support.intake import NOW, acceptance, event, grant


def _items(events: Sequence[dict[str, Any]]) -> list[Item]:
    return [decode(index, json.dumps(each).encode()) for index, each in enumerate(events)]


def _judged(*events: dict[str, Any], atomic: bool = False) -> list[Decision]:
    by, items = grant(), _items(events)
    alone = [judge_alone(item, lambda submitted: acceptance().accept(submitted, by, NOW)) for item in items]
    return judge(items, alone, atomic=atomic)


def _codes(decisions: Sequence[Decision]) -> list[str]:
    return [each.code if isinstance(each, Objection) else "ok" for each in decisions]


def test_the_same_event_twice_is_a_duplicate() -> None:
    """Rule 2.7: same source, id and payload: the second is a duplicate and names the first."""
    decisions = _judged(event(), event())
    assert _codes(decisions) == ["ok", "duplicate"]
    assert isinstance(decisions[1], Objection)
    assert decisions[1].related == (0,)


def test_one_id_with_two_payloads_is_a_conflict() -> None:
    """Rule 2.7: same source and id, other payload: rejected; the first holds."""
    assert _codes(_judged(event(), event(value="7"))) == ["ok", "id_conflict"]
    assert _codes(_judged(event(), event(source="/anji/x", value="6.35"))) == ["ok", "ok"]


def test_two_values_for_one_cell_and_revision_reject_each_other() -> None:
    """Rule 2.7: different values of one revision: both are rejected, each naming the other."""
    decisions = _judged(event(id="a"), event(id="b", value="7"), event(id="c", revision=1, value="7"))
    assert _codes(decisions) == ["reports_disagree", "reports_disagree", "ok"]
    assert [each.related for each in decisions if isinstance(each, Objection)] == [(1,), (0,)]


def test_equal_values_do_not_disagree() -> None:
    """Equality is numeric and across units (rule 2.8): 6.35 亿元 = 6.350 亿元 = 63500 万元."""
    same = [event(id="a"), event(id="b", value="6.350"), event(id="c", value="63500", unit="万元")]
    assert _codes(_judged(*same)) == ["ok", "ok", "ok"]


def test_a_year_and_its_december_are_one_cell() -> None:
    """Rule 2.1: 2023 and 2023-12 of a monthly series meet in one cell."""
    december = [event(id="a", period="2023"), event(id="b", period="2023-12", value="7")]
    assert _codes(_judged(*december)) == ["reports_disagree", "reports_disagree"]


def test_a_duplicate_shares_the_fate_of_its_first() -> None:
    """A duplicate of a rejected item is rejected for the same reason, so that `duplicate` always means: it is there."""
    decisions = _judged(event(id="a"), event(id="b", value="7"), event(id="a"))
    assert _codes(decisions) == ["reports_disagree"] * 3


def test_a_rejected_item_conflicts_with_nobody() -> None:
    """An item that was rejected leaves its id and its cell free."""
    assert _codes(_judged(event(value="-1"), event())) == ["value_out_of_range", "ok"]


def test_atomic_aborts_the_others() -> None:
    """atomic: one rejected item aborts the rest, which name it; a duplicate alone aborts nothing."""
    decisions = _judged(event(id="a"), event(id="b", value="x"), event(id="c", revision=1), atomic=True)
    assert _codes(decisions) == ["batch_aborted", "invalid_value", "batch_aborted"]
    assert isinstance(decisions[0], Objection)
    assert decisions[0].related == (1,)
    assert _codes(_judged(event(), event(), atomic=True)) == ["ok", "duplicate"]


def test_a_large_disagreement_names_a_few() -> None:
    """Thousands of items on one cell do not make thousands of names each."""
    decisions = _judged(*(event(id=str(n), value=str(n)) for n in range(300)))
    assert all(isinstance(each, Objection) and len(each.related) == 20 for each in decisions)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 1), st.sampled_from(["1", "1.0", "2"])), max_size=8))
def test_what_is_left_agrees_with_itself(rows: list[tuple[str, int, str]]) -> None:
    """Property: the acceptable items of any batch have distinct ids and one value per cell and revision."""
    left = [
        each
        for each in _judged(*(event(id=i, revision=r, value=v) for i, r, v in rows))
        if isinstance(each, Acceptable)
    ]
    ids = [each.submitted.id for each in left]
    assert len(ids) == len(set(ids))
    values: dict[int, set[Any]] = {}
    for each in left:
        values.setdefault(each.submitted.data.revision, set()).add(each.value)
    assert all(len(found) == 1 for found in values.values())
