"""What a store gives back: records, columns and counts, by window, value and moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import nanoarrow as na
import numpy as np
import pytest

from cxm_core.errors import UsageError
from cxm_core.stats import Axis, Filter, TallySpec
from cxm_core.store import ArrowTable, Store, arrow_schema
from cxm_core.vocabulary import Window

from ._store_kit import START, StoreTests, TestClock, note, response, texts

SCORES = tuple(range(11))
NPS = TallySpec(kind="response", value="score_value", levels=SCORES)
_BERLIN = "Europe/Berlin"


def rows_of(table: ArrowTable) -> list[dict[str, Any]]:
    """Rows of a table."""
    return list(na.Array(na.ArrayStream(table).read_all()).to_pylist())


class ReadTests(StoreTests):
    """Reading, filtering, counting."""

    @pytest.fixture
    def answered(self, store: Store) -> Store:
        """Store with four answers in two regions, an hour apart."""
        self.apply(
            store,
            response("1", 9, attributes={"region": "North", "visits": 3}),
            response(
                "2", 3, occurred_at=START + timedelta(hours=1), attributes={"region": "South"}
            ),
            response("3", None, occurred_at=START + timedelta(hours=2), no_answer="not_applicable"),
            response(
                "4", 9, occurred_at=START + timedelta(hours=3), attributes={"region": "North"}
            ),
        )
        return store

    def ids(self, store: Store, **asked: Any) -> list[str]:
        """Ids of the responses that are asked for."""
        return [one.native_id for one in store.records("response", **asked)]

    def test_records_come_in_the_order_of_time(self, answered: Store) -> None:
        """Records come by time, and what has no time comes last."""
        assert self.ids(answered) == ["1", "2", "3", "4"]

    def test_a_window_is_half_open(self, answered: Store) -> None:
        """A window has its start and not its end."""
        window = Window(START + timedelta(hours=1), START + timedelta(hours=3))
        assert self.ids(answered, window=window) == ["2", "3"]

    @pytest.mark.parametrize(
        ("where", "expected"),
        [
            ({"score_value": 9}, ["1", "4"]),
            ({"score_value": [3, 9]}, ["1", "2", "4"]),
            ({"score_value": None}, ["3"]),
            ({"score_value": [3, None]}, ["2", "3"]),
            ({"score_value": []}, []),
            ({"attributes.region": "North"}, ["1", "4"]),
            ({"attributes.region": ["South", None]}, ["2", "3"]),
            ({"attributes.visits": 3}, ["1"]),
            ({"attributes.visits": "3"}, ["1"]),
            ({"attributes.region": "North", "native_id": "4"}, ["4"]),
            ({"no_answer": "not_applicable"}, ["3"]),
            ({"is_deleted": False}, ["1", "2", "3", "4"]),
            ({"occurred_at": START}, ["1"]),
            ({"attributes.no'such\"name": "x"}, []),
            ({"native_id": "' or 1=1 --"}, []),
        ],
    )
    def test_where_keeps_equal_values(
        self, answered: Store, where: dict[str, Any], expected: list[str]
    ) -> None:
        """A filter keeps records with one of its values; None stands for no value."""
        assert self.ids(answered, where=where) == expected

    @pytest.mark.parametrize("number", [1e22, 1e16, 1e-5, 1e-7, -0.0, 0.1, 1.0, 1e300])
    def test_numbers_among_attributes_have_one_text(self, store: Store, number: float) -> None:
        """An attribute that is a number is found and shown by the text that Python gives it."""
        self.apply(store, response("1", 9, attributes={"x": number}))
        assert self.ids(store, where={"attributes.x": number}) == ["1"]
        shown = rows_of(store.read("response", columns=["attributes.x"]))
        assert shown == [{"attributes.x": repr(number)}]

    def test_attributes_are_told_apart_by_case(self, store: Store) -> None:
        """Two attributes whose names differ only in their case are two, in columns and tallies."""
        self.apply(store, response("1", 9, attributes={"region": "low", "Region": "high"}))
        names = ("attributes.Region", "attributes.region")
        shown = rows_of(store.read("response", columns=names))
        assert shown == [{"attributes.Region": "high", "attributes.region": "low"}]
        axes = tuple(Axis(name=name, column=name) for name in names)
        spec = TallySpec(kind="response", value="score_value", levels=SCORES, by=axes)
        assert store.tally(spec).groups == (("high", "low"),)

    def test_attributes_with_long_names(self, store: Store) -> None:
        """The longest name that an attribute may have can be asked for, and grouped by."""
        name = "attributes." + "x" * 1_000
        self.apply(store, response("1", 9, attributes={"x" * 1_000: "high"}))
        assert rows_of(store.read("response", columns=[name])) == [{name: "high"}]
        axes = (Axis(name="region", column=name),)
        spec = TallySpec(kind="response", value="score_value", levels=SCORES, by=axes)
        assert store.tally(spec).groups == (("high",),)

    @pytest.mark.parametrize(
        ("where", "word"),
        [
            ({"score_valeu": 9}, "score_value"),
            ({"score_value": "9"}, "integer"),
            ({"score_value": True}, "integer"),
            ({"occurred_at": datetime(2026, 11, 1)}, "aware"),
            ({'x"; DROP TABLE response; --': 1}, "no column"),
        ],
    )
    def test_a_wrong_filter_is_told(
        self, answered: Store, where: dict[str, Any], word: str
    ) -> None:
        """A column that is not there, or a value of another type, is an error with a hint."""
        with pytest.raises(UsageError, match=word):
            self.ids(answered, where=where)

    def test_an_unknown_kind_is_told(self, store: Store) -> None:
        """A kind that is none is an error that names the nearest."""
        with pytest.raises(UsageError, match="response"):
            list(store.records("respnse"))

    def test_columns_are_arrow(self, answered: Store) -> None:
        """Columns come under their names, with aware times, and attributes as text."""
        names = ["occurred_at", "score_value", "attributes.region", "attributes.visits"]
        table = answered.read("response", columns=names, where={"score_value": [9]})
        assert table.columns == tuple(names)
        assert [tuple(row.values()) for row in rows_of(table)] == [
            (START, 9, "North", "3"),
            (START + timedelta(hours=3), 9, "North", None),
        ]

    def test_no_rows_have_columns_too(self, answered: Store) -> None:
        """A table without rows has the same columns as one with rows."""
        full, empty = (answered.read("response", window=window) for window in (None, _NEVER))
        assert len(full) == 4
        assert len(empty) == 0
        assert _fields(full) == _fields(empty)

    def test_a_read_has_the_schema_of_its_kind(self, store: Store) -> None:
        """All columns of a kind come in the order and of the types that the schema tells."""
        for kind in ("response", "order", "subscription"):
            assert _fields(store.read(kind)) == [
                (field.name, str(field.type), getattr(field, "timezone", None))
                for field in arrow_schema(kind).fields
            ]

    def test_as_of_is_the_store_of_that_moment(self, store: Store, clock: TestClock) -> None:
        """Every read, as of any moment, gives what it would have given then."""
        seen = []
        for number in range(4):
            self.apply(store, note("1", f"v{number}"), note(f"n{number}"))
            seen.append((clock(), texts(store)))
            clock.tick()
        for moment, then in seen:
            assert texts(store, as_of=moment) == then

    def test_as_of_needs_a_zone(self, store: Store) -> None:
        """A moment without a zone is no moment."""
        with pytest.raises(UsageError, match="time zone"):
            store.read("note", as_of=datetime(2026, 11, 1))

    def test_a_tally_counts_levels(self, answered: Store) -> None:
        """Each level is counted; a record without a value has none."""
        tally = answered.tally(NPS)
        assert tally.levels == SCORES
        assert tally.n.tolist() == [[0, 0, 0, 1, 0, 0, 0, 0, 0, 2, 0]]

    def test_a_tally_of_nothing_is_empty(self, store: Store) -> None:
        """Nothing counted is a tally without rows."""
        assert store.tally(NPS).n.shape == (0, 11)

    def test_words_can_be_levels(self, answered: Store) -> None:
        """A record without a value counts under its word, if that is a level."""
        spec = TallySpec(
            kind="response", value="score_value", levels=(9, "not_applicable"),
            category="no_answer", where=(Filter(column="score_value", values=(9, None)),),
        )  # fmt: skip
        assert answered.tally(spec).n.tolist() == [[2, 1]]

    def test_groups_are_labelled(self, answered: Store) -> None:
        """Groups carry their labels, and what has none is a group of its own."""
        spec = TallySpec(
            kind="response", value="score_value", levels=(*SCORES, "not_applicable"),
            category="no_answer", by=(Axis(name="region", column="attributes.region"),),
        )  # fmt: skip
        tally = answered.tally(spec)
        assert tally.labels == (("North", "South", None),)
        assert tally.n.sum(axis=1).tolist() == [2, 1, 1]

    @pytest.mark.parametrize(
        ("period", "labels"),
        [
            ("day", ("2026-10-24", "2026-10-25", "2026-10-26", None)),
            ("week", ("2026-W43", "2026-W44", None)),
            ("month", ("2026-10", None)),
            ("quarter", ("2026-Q4", None)),
            ("year", ("2026", None)),
        ],
    )
    def test_periods_are_those_of_a_zone(
        self, store: Store, period: str, labels: tuple[str, ...]
    ) -> None:
        """Times are grouped by the calendar of their zone, also when its clocks change."""
        hours = (
            datetime(2026, 10, 24, 21, 59, tzinfo=UTC),
            datetime(2026, 10, 24, 22, tzinfo=UTC),
            datetime(2026, 10, 25, 22, 59, tzinfo=UTC),
            datetime(2026, 10, 25, 23, tzinfo=UTC),
        )
        answers = [response(str(n), 9, recorded_at=at) for n, at in enumerate(hours)]
        self.apply(store, *answers, response("none", 9))
        axis = Axis(name=period, column="recorded_at", period=period, zone=_BERLIN)
        tally = store.tally(
            TallySpec(kind="response", value="score_value", levels=SCORES, by=(axis,))
        )
        assert tally.labels == (labels,)
        assert tally.n.sum() == 5

    def test_weights_strata_and_clusters(self, store: Store) -> None:
        """A tally of a design has sums of weights by stratum and cluster."""
        self.apply(
            store,
            *(
                response(str(n), 9, weight=n / 4, stratum="s", cluster=f"c{n % 2}")
                for n in range(5)
            ),
            response("alone", 0, weight=1.0, stratum="s"),
        )
        spec = TallySpec(
            kind="response", value="score_value", levels=(0, 9),
            weight="weight", stratum="stratum", cluster="cluster",
        )  # fmt: skip
        tally = store.tally(spec)
        assert (tally.axes, tally.labels) == (
            ("@stratum", "@cluster"),
            (("s",), ("c0", "c1", None)),
        )
        assert tally.n.tolist() == [[0, 3], [0, 2], [1, 0]]
        assert tally.w is not None
        assert np.allclose(tally.w, [[0, 1.5], [0, 1.0], [1.0, 0]])
        assert tally.w2 is None

    def test_a_tally_obeys_window_and_moment(self, answered: Store, clock: TestClock) -> None:
        """A tally counts what a read with the same window and moment gives."""
        then = clock()
        clock.tick()
        self.apply(answered, response("1", 0, recorded_at=clock()))
        window = Window(START, START + timedelta(hours=2))
        assert answered.tally(NPS, window=window).n.tolist()[0][0] == 1
        assert answered.tally(NPS, window=window, as_of=then).n.sum() == 2
        assert answered.tally(NPS, window=window, as_of=then).n.tolist()[0][0] == 0

    def test_a_value_off_the_levels_is_told(self, answered: Store) -> None:
        """A value that is no level is an error with the value and how often it stands there."""
        spec = TallySpec(kind="response", value="score_value", levels=(3,))
        with pytest.raises(UsageError, match=r"2 of the records .* 9"):
            answered.tally(spec)

    def test_a_missing_weight_is_told(self, answered: Store) -> None:
        """A record without the weight that is asked for is an error."""
        spec = TallySpec(kind="response", value="score_value", levels=SCORES, weight="weight")
        with pytest.raises(UsageError, match="'weight'"):
            answered.tally(spec)

    @pytest.mark.parametrize(
        "spec",
        [
            TallySpec(kind="response", value="verbatim", levels=(1,)),
            TallySpec(kind="response", value="score_value", levels=(1,), weight="question"),
            TallySpec(
                kind="response", value="score_value", levels=(1,),
                by=(Axis(name="at", column="occurred_at"),),
            ),
            TallySpec(
                kind="response", value="score_value", levels=(1,),
                by=(Axis(name="who", column="customer"),),
            ),
        ],
    )  # fmt: skip
    def test_a_specification_that_cannot_be_counted(self, store: Store, spec: TallySpec) -> None:
        """A column of a type that cannot be counted, weighted or grouped by is an error."""
        with pytest.raises(UsageError, match="response"):
            store.tally(spec)


def _fields(table: ArrowTable) -> list[tuple[str, str, str | None]]:
    fields = na.ArrayStream(table).schema.fields
    return [(one.name, str(one.type), getattr(one, "timezone", None)) for one in fields]


_NEVER = Window(datetime(1999, 1, 1, tzinfo=UTC), datetime(1999, 1, 2, tzinfo=UTC))
