"""How well a rule puts contacts together, where the truth is known."""

from __future__ import annotations

import numpy as np
import pytest

import cxm_core as cx
from cxm_core.errors import UsageError
from issue_tables import day, told

# Two customers: the rule puts three and two contacts together; a's third is another matter.
ROWS = (("a", 0, "chat"), ("a", 1, "chat"), ("a", 2, "chat"), ("b", 0, "chat"), ("b", 9, "chat"))
TRUTH = ["m1", "m1", "m2", "m3", "m3"]


class TestByHand:
    def test_pairs(self) -> None:
        """One of three pairs put together belongs together; one of two that do was found."""
        found = cx.threading_quality(cx.issues(told(*ROWS, truth=TRUTH)), "truth")
        assert (found["precision"].value, found["precision"].n) == (pytest.approx(1 / 3), 3)
        assert (found["recall"].value, found["recall"].n) == (0.5, 2)

    def test_bias(self) -> None:
        """The bias is the figure by the rule less the figure by the truth."""
        issues = cx.issues(told(*ROWS, truth=TRUTH), until=day(60))
        found = cx.threading_quality(issues, "truth")
        by_rule, by_truth = (
            found[name] for name in ("first_contact_resolution", "first_contact_resolution_true")
        )
        assert by_rule.value == cx.first_contact_resolution(issues).value
        assert by_truth.value == pytest.approx(2 / 3)
        assert found["bias"].value == pytest.approx(by_rule.value - by_truth.value)

    def test_the_truth_itself(self) -> None:
        """Issues by the true id are all right, and have no bias."""
        issues = cx.issues(told(*ROWS, issue=TRUTH), issue="issue")
        found = cx.threading_quality(issues, "issue")
        values = [found[name].value for name in ("precision", "recall", "bias")]
        assert values == [1.0, 1.0, 0.0]

    def test_a_sample(self) -> None:
        """Contacts whose truth nobody knows are left out and counted."""
        issues = cx.issues(told(*ROWS, ("c", 0, "chat"), truth=[*TRUTH, None]))
        receipt = cx.threading_quality(issues, "truth")["precision"].receipt
        assert ("issue not known", 1) in receipt.exclusions

    def test_too_few(self) -> None:
        """With one customer there is no error to be told."""
        issues = cx.issues(told(*ROWS, truth=[*TRUTH[:3], None, None]))
        with pytest.raises(UsageError, match="fewer than two customers"):
            cx.threading_quality(issues, "truth")

    def test_no_such_column(self) -> None:
        """A column that is not there is said by its name."""
        with pytest.raises(UsageError, match="'true'"):
            cx.threading_quality(cx.issues(told(*ROWS)), "true")


class TestByReference:
    def test_pairs_as_counted_one_by_one(self) -> None:
        """Precision and recall are those of a loop over all pairs of contacts."""
        rng = np.random.default_rng(3)
        who = rng.integers(0, 12, 80).tolist()
        truth = [f"{one}-{rng.integers(0, 3)}" for one in who]
        rows = [(one, int(rng.integers(0, 50)), "chat") for one in who]
        issues = cx.issues(told(*rows, truth=truth))
        number = issues.contacts.column("issue").values
        true = issues.contacts.column("truth").values
        pairs = [(i, j) for i in range(80) for j in range(i)]
        guessed = {(i, j) for i, j in pairs if number[i] == number[j]}
        right = {(i, j) for i, j in pairs if true[i] == true[j]}
        found = cx.threading_quality(issues, "truth")
        assert found["precision"].value == pytest.approx(len(guessed & right) / len(guessed))
        assert found["recall"].value == pytest.approx(len(guessed & right) / len(right))

    def test_error_of_the_bias_is_that_of_a_jackknife(self) -> None:
        """Leaving out one customer after the other gives nearly the same error."""
        rng = np.random.default_rng(5)
        rows, truth = [], []
        for who in range(25):
            for _ in range(int(rng.integers(1, 6))):
                rows.append((who, float(rng.uniform(0, 80)), "chat"))
                truth.append(f"{who}-{rng.integers(0, 2)}")
        whole = cx.threading_quality(cx.issues(told(*rows, truth=truth), until=day(90)), "truth")
        again = []
        for left_out in range(25):
            keep = [n for n, row in enumerate(rows) if row[0] != left_out]
            part = told(*(rows[n] for n in keep), truth=[truth[n] for n in keep])
            quality = cx.threading_quality(cx.issues(part, until=day(90)), "truth")
            again.append(quality["bias"].value)
        error = np.sqrt(24 / 25 * np.sum((np.array(again) - np.mean(again)) ** 2))
        assert whole["bias"].standard_error == pytest.approx(error, rel=0.08)
