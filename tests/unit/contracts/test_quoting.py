"""Names in Chinese messages stand in one pair of quotation marks, whatever they carry themselves."""

from contracts.catalogue import SHIPPED, load
from contracts.quoting import quoted


def test_inner_marks_turn_single() -> None:
    """Outer “ ” with inner ‘ ’."""
    assert quoted("年度目标") == "“年度目标”"
    assert quoted("吴兴区“共富工坊”数") == "“吴兴区‘共富工坊’数”"


def test_no_name_of_the_programme_comes_out_in_double_marks() -> None:
    """Some indicators' names carry marks; none of them opens two outer pairs in a message."""
    names = [indicator.name.zh for indicator in load(SHIPPED).programme.indicators]
    assert any("“" in name for name in names)
    assert all(quoted(name).count("“") == quoted(name).count("”") == 1 for name in names)
