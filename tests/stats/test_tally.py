"""Tallies add up, are taken back, rolled up, picked from, and travel."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.errors import UsageError
from cxm_core.stats import CodedAxis, Role, Tally, merge

LEVELS = (0, 1, 2, "none")
GROUPS = st.sampled_from(["a", "b", 3, True, None])
ROW = st.tuples(
    st.integers(-1, 3),
    GROUPS,
    GROUPS,
    st.floats(0, 100, allow_subnormal=False),
)
ROWS = st.lists(ROW, max_size=40)
# Axes and weights of a tally: none, groups, groups with weights, a design.
SHAPES = st.sampled_from(
    [((), False), (("by",), False), (("by", "by"), True), (("by", "cluster"), True)]
)
Row = tuple[int, object, object, float]
Shape = tuple[tuple[Role, ...], bool]


def tally_of(rows: list[Row], shape: Shape) -> Tally:
    """Tally of rows (level, group, group, weight)."""
    roles, is_weighted = shape
    axes = [
        CodedAxis.of(f"axis{i}", [row[i + 1] for row in rows], role=role)
        for i, role in enumerate(roles)
    ]
    return Tally.from_codes(
        levels=LEVELS,
        level_codes=np.array([row[0] for row in rows], np.int64),
        axes=axes,
        weights=np.array([row[3] for row in rows]) if is_weighted else None,
    )


def assert_close(one: Tally, two: Tally) -> None:
    """Equal to the bit in counts and labels, and to 1e-12 of the largest sum in weights."""
    assert (one.axes, one.roles, one.labels) == (two.axes, two.roles, two.labels)
    assert np.array_equal(one.codes, two.codes)
    assert np.array_equal(one.n, two.n)
    for a, b in ((one.w, two.w), (one.w2, two.w2)):
        assert (a is None) == (b is None)
        if a is not None and b is not None:
            np.testing.assert_allclose(a, b, rtol=0, atol=1e-12 * max(a.max(initial=0), 1e-9))


class TestByHand:
    def test_more_than_a_whole_number_holds(self) -> None:
        """Adding a tally to itself again and again is refused before a count turns negative."""
        tally = Tally.from_codes(levels=(0, 1), level_codes=np.array([0, 1, 1]))
        for _ in range(60):
            tally = tally + tally
        assert tally.n.tolist() == [[2**60, 2**61]]
        with pytest.raises(UsageError, match="more than a tally can count"):
            tally + tally

    def test_counts(self) -> None:
        """Rows without a level are left out; levels nobody chose stay."""
        tally = tally_of([(0, "a", None, 1.0), (0, "b", None, 1.0), (-1, "b", None, 1.0)],
                         (("by",), False))  # fmt: skip
        assert tally.groups == (("a",), ("b",))
        assert tally.n.tolist() == [[1, 0, 0, 0], [1, 0, 0, 0]]

    def test_weights(self) -> None:
        """Sums of weights, and of their squares."""
        tally = tally_of([(0, "a", None, 2.0), (0, "a", None, 3.0)], (("by",), True))
        assert tally.w is not None
        assert tally.w2 is not None
        assert tally.w[0, 0] == 5.0
        assert tally.w2[0, 0] == 13.0

    def test_clusters_keep_no_squares(self) -> None:
        """In a clustered tally the sums are the clusters' totals, and squares say nothing."""
        assert tally_of([(0, "a", 1, 2.0)], (("by", "cluster"), True)).w2 is None

    def test_weights_need_their_squares(self) -> None:
        """Weights that were summed elsewhere come with their squares, or with clusters."""
        one = np.array([1.0])
        given = {"levels": (1,), "level_codes": np.array([0]), "n": np.array([1]), "w": one}
        with pytest.raises(UsageError, match="squares") as caught:
            Tally.from_counts(**given)  # type: ignore[arg-type]  # a dict of mixed types
        assert caught.value.hint
        cluster = [CodedAxis.of("@cluster", [1], role="cluster")]
        tally = Tally.from_counts(**given, w2=one, axes=cluster)  # type: ignore[arg-type]  # as above
        assert tally.w2 is None

    def test_weights_of_rows_without_a_level_do_not_matter(self) -> None:
        """A row that is left out may have any weight, or none."""
        tally = Tally.from_codes(
            levels=(1, 2), level_codes=np.array([-1, 1]), weights=np.array([np.nan, 2.0])
        )
        assert tally.w is not None
        assert tally.w.tolist() == [[0.0, 2.0]]

    @pytest.mark.parametrize("wrong", [-1.0, np.nan, np.inf])
    def test_impossible_weights_are_refused(self, wrong: float) -> None:
        """A weight is finite and not negative; the error counts those that are not."""
        with pytest.raises(UsageError, match="1 of 2 weights") as caught:
            Tally.from_codes(
                levels=(1, 2), level_codes=np.array([0, 1]), weights=np.array([1.0, wrong])
            )
        assert caught.value.hint

    def test_weights_in_words_are_refused_without_repeating_them(self) -> None:
        """The error for a weight that is no number does not show it."""
        with pytest.raises(UsageError) as caught:
            Tally.from_codes(
                levels=(1,), level_codes=np.array([0]), weights=np.array(["secret name"])
            )
        assert "secret" not in str(caught.value)

    @pytest.mark.parametrize(
        ("levels", "rows", "weights"), [([0, 5], 2, 2), ([0, 1], 3, 2), ([0, 1], 2, 3)]
    )
    def test_what_does_not_fit_is_refused(self, levels: list[int], rows: int, weights: int) -> None:
        """Codes in range, and one entry a row everywhere."""
        axis = CodedAxis.of("by", ["a"] * rows)
        with pytest.raises(UsageError):
            Tally.from_codes(
                levels=(1, 2), level_codes=np.array(levels), axes=[axis], weights=np.ones(weights)
            )

    def test_negative_counts_are_refused(self) -> None:
        """Counts that were made elsewhere are checked."""
        with pytest.raises(UsageError, match="1 of 2 counts"):
            Tally.from_counts(levels=(1, 2), level_codes=np.array([0, 1]), n=np.array([3, -1]))

    @pytest.mark.parametrize("levels", [(1, 1), (1, True), (0.5,)])
    def test_levels_are_distinct_integers_or_words(self, levels: tuple[object, ...]) -> None:
        """A level is named once, by an integer or a word."""
        with pytest.raises(UsageError):
            Tally.from_codes(levels=levels, level_codes=np.array([0]))  # type: ignore[arg-type]  # wrong on purpose

    def test_axes_have_names_of_their_own(self) -> None:
        """Two axes of one name, or two of one design role, are refused."""
        by, cluster = CodedAxis.of("a", ["x"]), CodedAxis.of("c", ["x"], role="cluster")
        other = CodedAxis.of("d", ["x"], role="cluster")
        for axes in ([by, by], [cluster, other]):
            with pytest.raises(UsageError):
                Tally.from_codes(levels=(1,), level_codes=np.array([0]), axes=axes)

    def test_taking_back_too_much_is_refused(self) -> None:
        """Only rows that were added can be taken back."""
        small, large = (tally_of([(0, "a", None, 1.0)] * k, (("by",), False)) for k in (1, 2))
        with pytest.raises(UsageError, match="1 counts would fall below zero"):
            small - large

    def test_unlike_tallies_are_refused(self) -> None:
        """Tallies with other axes, levels or weights do not add up."""
        plain = tally_of([], (("by",), False))
        for other in (tally_of([], ((), False)), tally_of([], (("by",), True))):
            with pytest.raises(UsageError, match="differ"):
                plain + other
        with pytest.raises(UsageError):
            merge([])

    def test_weighted_clusters_cannot_be_rolled_up(self) -> None:
        """Without its clusters a weighted tally would have no error."""
        tally = tally_of([(0, "a", 1, 2.0)], (("by", "cluster"), True))
        with pytest.raises(UsageError, match="Clusters"):
            tally.roll_up("axis1")
        with pytest.raises(UsageError) as caught:
            tally.roll_up("axis")
        assert caught.value.hint == "did you mean 'axis1'?"

    def test_arrays_are_read_only_and_copies(self) -> None:
        """Nobody can change a tally, nor does a tally change what it was given."""
        counts = np.array([[1, 2]])
        tally = Tally(
            axes=(), roles=(), labels=(), levels=(0, 1), codes=np.empty((1, 0), int), n=counts
        )
        counts[0, 0] = 9
        assert tally.n[0, 0] == 1
        with pytest.raises(ValueError, match="read-only"):
            tally.n[0, 0] = 5
        assert not tally_of([(0, "a", 1, 2.0)], (("by",), True)).n.flags.writeable

    def test_no_hash(self) -> None:
        """A tally is equal by value, and no key of a dictionary."""
        with pytest.raises(TypeError):
            hash(tally_of([], ((), False)))

    def test_repr_shows_no_label(self) -> None:
        """A short repr with sizes; labels may be names of people."""
        text = repr(tally_of([(0, "a", "secret", 1.0)], (("by", "cluster"), True)))
        assert "rows=1" in text
        assert "secret" not in text

    def test_arrow_columns(self) -> None:
        """A reader of Arrow sees axes, level and sums; a name that is taken gets an underscore."""
        rows = {"n": ["x", None], "@cluster": [1, 2]}
        axes = [
            CodedAxis.of("n", rows["n"]),
            CodedAxis.of("@cluster", rows["@cluster"], role="cluster"),
        ]
        tally = Tally.from_codes(
            levels=LEVELS, level_codes=np.array([0, 3]), axes=axes, weights=np.array([0.5, 2.0])
        )
        assert pa.table(tally.to_arrow()).to_pydict() == {
            "n": ["x", None],
            "@cluster": [1, 2],
            "level": ["0", '"none"'],
            "n_": [1, 1],
            "w": [0.5, 2.0],
        }

    def test_arrow_without_metadata_is_refused(self) -> None:
        """Columns that do not say which tally they are give an error with a way out."""
        stripped = pa.table(tally_of([], ((), False)).to_arrow()).replace_schema_metadata(None)
        with pytest.raises(UsageError, match="does not say") as caught:
            Tally.from_arrow(stripped)
        assert caught.value.hint is not None
        assert "from_counts" in caught.value.hint

    @pytest.mark.parametrize("text", ["", "{}", "[]", '{"version": 1}'])
    def test_other_text_is_refused(self, text: str) -> None:
        """Text that is no tally gives an error, not a traceback of the parser."""
        with pytest.raises(UsageError):
            Tally.from_json(text)

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ('"n":[[1,2]]', '"n":[[1,-2]]'),
            ('"n":[[1,2]]', '"n":[[1,1e30]]'),
            ('"n":[[1,2]]', '"n":[[1],[2,3]]'),
            ('"w":[[1.0,2.0]]', '"w":[[1.0,NaN]]'),
            ('"w":[[1.0,2.0]]', '"w":[[1.0,-2.0]]'),
            ('"w2":[[1.0,2.0]]', '"w2":[[1.0,Infinity]]'),
            ('"codes":[[0]]', '"codes":[[-1]]'),
            ('"labels":[["a"]]', '"labels":[[1.5]]'),
            ('"roles":["by"]', '"roles":["bye"]'),
        ],
    )
    def test_impossible_tallies_are_refused(self, old: str, new: str) -> None:
        """What nobody can have counted is an error when it is read, not a metric later."""
        axis = CodedAxis.of("g", ["a"] * 3)
        tally = Tally.from_codes(
            levels=(1, 2), level_codes=np.array([0, 1, 1]), axes=[axis], weights=np.ones(3)
        )
        text = tally.to_json()
        assert old in text
        with pytest.raises(UsageError):
            Tally.from_json(text.replace(old, new))

    def test_other_version_is_refused(self) -> None:
        """A tally of a later format is not guessed at."""
        text = tally_of([], ((), False)).to_json().replace('"version":1', '"version":2')
        with pytest.raises(UsageError, match="version 2"):
            Tally.from_json(text)


class TestOverflow:
    """More rows than 64 bits can add up."""

    def test_counts_that_are_given(self) -> None:
        """Two levels of 2**62 rows each are refused before they are added up."""
        with pytest.raises(UsageError, match="more than a tally can count"):
            Tally.from_counts(levels=(0, 1), level_codes=[0, 1], n=np.full(2, 1 << 62))

    def test_counts_that_are_merged(self) -> None:
        """A merge is refused, not wrapped around; a billion rows are no matter."""
        large = Tally.from_counts(levels=(0, 1), level_codes=[0, 1], n=np.full(2, 1 << 60))
        with pytest.raises(UsageError, match="more than a tally can count"):
            merge([large] * 3)
        small = Tally.from_counts(levels=(0, 1), level_codes=[0, 1], n=np.full(2, 10**9))
        assert merge([small] * 3).n.tolist() == [[3 * 10**9] * 2]

    def test_counts_that_are_read(self) -> None:
        """Text with such counts is refused as well."""
        text = Tally.from_counts(levels=(0, 1), level_codes=[0, 1], n=np.array([1, 2])).to_json()
        with pytest.raises(UsageError, match="more than a tally can count"):
            Tally.from_json(text.replace("[[1,2]]", f"[[{1 << 62},{1 << 62}]]"))


class TestByLaw:
    @given(ROWS, ROWS, SHAPES)
    def test_pooled_is_merged(self, one: list[Row], two: list[Row], shape: Shape) -> None:
        """The tally of all rows is the sum of the tallies of any two parts."""
        assert_close(tally_of(one, shape) + tally_of(two, shape), tally_of(one + two, shape))

    @given(ROWS, SHAPES, st.lists(st.integers(0, 4), min_size=40, max_size=40), st.randoms())
    def test_any_partition_in_any_order(
        self, rows: list[Row], shape: Shape, parts: list[int], random: object
    ) -> None:
        """Counts merge to the bit, however rows are dealt out and merged."""
        dealt = [
            tally_of([row for row, part in zip(rows, parts, strict=False) if part == k], shape)
            for k in range(5)
        ]
        shuffled = dealt.copy()
        random.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random
        assert_close(merge(dealt), tally_of(rows, shape))
        assert_close(merge(shuffled), merge(dealt))

    @given(ROWS, SHAPES)
    def test_adding_nothing_changes_nothing(self, rows: list[Row], shape: Shape) -> None:
        """The tally of no rows is the zero of addition, and of subtraction."""
        tally, nothing = tally_of(rows, shape), tally_of([], shape)
        assert tally + nothing == tally == nothing + tally == tally - nothing
        assert tally - tally == nothing

    @given(ROWS, ROWS, SHAPES)
    def test_what_was_added_can_be_taken_back(
        self, one: list[Row], two: list[Row], shape: Shape
    ) -> None:
        """Taking a part back leaves the tally of the rest."""
        first, second = tally_of(one, shape), tally_of(two, shape)
        assert_close((first + second) - second, first)

    @given(ROWS)
    def test_rolled_up_is_counted_without(self, rows: list[Row]) -> None:
        """Rolling an axis up is the same as never having had it."""
        full = tally_of(rows, (("by", "by"), True))
        assert_close(full.roll_up("axis1"), tally_of(rows, (("by",), True)))
        assert_close(full.roll_up("axis1").roll_up("axis0"), tally_of(rows, ((), True)))

    @given(ROWS, GROUPS)
    def test_selected_is_filtered(self, rows: list[Row], label: object) -> None:
        """Selecting a label is the same as counting only its rows."""
        full = tally_of(rows, (("by", "by"), True))
        wanted = [row for row in rows if repr(row[2]) == repr(label)]
        assert_close(full.select(axis1=label), tally_of(wanted, (("by",), True)))  # type: ignore[arg-type]  # drawn as object

    @given(ROWS, SHAPES)
    def test_text_gives_it_back(self, rows: list[Row], shape: Shape) -> None:
        """JSON carries a tally to the bit, and equal tallies are equal text."""
        tally = tally_of(rows, shape)
        back = Tally.from_json(tally.to_json())
        assert back == tally
        assert back.to_json() == tally.to_json()

    @given(ROWS, SHAPES)
    def test_arrow_gives_it_back(self, rows: list[Row], shape: Shape) -> None:
        """Arrow carries a tally to the bit, also through another library's table."""
        tally = tally_of(rows, shape)
        assert Tally.from_arrow(tally.to_arrow()) == tally
        assert Tally.from_arrow(pa.table(tally.to_arrow())) == tally

    @given(ROWS, SHAPES)
    def test_counted_elsewhere_is_counted_here(self, rows: list[Row], shape: Shape) -> None:
        """Counts with labels, such as a query gives, make the tally of their rows."""
        tally = tally_of(rows, shape)
        row, level = np.nonzero(tally.n)
        axes = [
            CodedAxis.of(name, [labels[c] for c in codes[row]], role=role)
            for name, role, labels, codes in zip(
                tally.axes, tally.roles, tally.labels, tally.codes.T, strict=True
            )
        ]
        sums = {
            name: None if s is None else s[row, level]
            for name, s in (("w", tally.w), ("w2", tally.w2))
        }
        n = tally.n[row, level]
        counted = Tally.from_counts(levels=LEVELS, level_codes=level, axes=axes, n=n, **sums)
        assert counted == tally
