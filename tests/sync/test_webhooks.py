"""Webhooks: verified, safe on the disk, acknowledged; never lost, never twice, never shown."""

from __future__ import annotations

import logging
import random
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cxm_core.errors import StoreError, UsageError
from cxm_core.plugins import Delivery
from cxm_core.records import Note
from cxm_core.store import Journal, Store, journal_folder, open_journal, open_store
from cxm_core.sync import WebhookReceiver, take_in
from cxm_core.sync._recent import Recent
from cxm_core.sync._webhooks import joined, key_of, read_back, written
from cxm_core.testing import FaultyDisk
from sync.pushed import SOURCE, URL, Keyed, Pushing, event, signed
from sync.scripted import Clock


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """File of the store."""
    return tmp_path / "cxm.duckdb"


@pytest.fixture
def journal(path: Path, clock: Clock) -> Iterator[Journal]:
    """The journal that the receiver writes."""
    opened = open_journal(path, clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def held(path: Path, clock: Clock) -> Iterator[Store]:
    """The store, held by somebody else while deliveries come."""
    opened = open_store(path, clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def receiver(journal: Journal, clock: Clock) -> WebhookReceiver:
    """A receiver of a vendor that pushes whole records."""
    return WebhookReceiver(Pushing(), journal, source=SOURCE, clock=clock)


def post(receiver: WebhookReceiver, body: bytes, **headers: str) -> int:
    """Push a signed body, and give the status of the answer."""
    return receiver.handle("post", URL, signed(body) | headers, body).status


def texts(store: Store) -> dict[str, str]:
    """Text of each note by its own id."""
    notes = (one for one in store.records("note") if isinstance(one, Note))
    return {one.native_id: one.text or "" for one in notes}


def files(path: Path) -> list[Path]:
    """Files of the journal."""
    folder = journal_folder(path)
    return sorted(folder.iterdir()) if folder.is_dir() else []


class TestTaking:
    def test_what_was_acknowledged_is_kept(self, receiver: WebhookReceiver, held: Store) -> None:
        """A record that was pushed is in the store as soon as the one who holds it looks."""
        assert post(receiver, event(1)) == 200
        held.fold()
        assert texts(held) == {"1": "The hall is cold"}
        (record,) = held.records("note")
        assert record.source == SOURCE
        (receipt,) = held.receipts()
        assert (receipt.stream, receipt.new, receipt.balances) == ("webhooks", 1, True)

    def test_a_row_that_is_no_record(self, receiver: WebhookReceiver, held: Store) -> None:
        """What is no record is set aside with its reason, and acknowledged like any other."""
        assert post(receiver, event(1, bad=True)) == 200
        assert held.fold().quarantined == 1
        assert [entry.reason for entry in held.quarantined()] == ["wrong_type"]

    def test_nothing_to_keep(self, journal: Journal, clock: Clock, path: Path) -> None:
        """An event that is of no interest is acknowledged, and leaves nothing."""
        receiver = WebhookReceiver(Pushing(), journal, source=SOURCE, clock=clock)
        assert post(receiver, b'{"notes": []}') == 200
        assert files(path) == []

    def test_several_threads_of_pushes_are_one(
        self, receiver: WebhookReceiver, path: Path, held: Store, clock: Clock
    ) -> None:
        """Two receivers, as of two processes, take the same delivery; it counts once."""
        other_journal = open_journal(path, clock=clock)
        other = WebhookReceiver(Pushing(), other_journal, source=SOURCE, clock=clock)
        assert [post(one, event(1)) for one in (receiver, other)] == [200, 200]
        report = held.fold()
        assert (report.counts.new, report.counts.repeated) == (1, 1)
        other_journal.close()

    def test_a_connector_without_the_face(self, journal: Journal, clock: Clock) -> None:
        """A source that cannot be pushed to is refused at once."""
        with pytest.raises(UsageError, match="takes no webhooks"):
            WebhookReceiver(object(), journal, source=SOURCE, clock=clock)


class TestRefusing:
    @pytest.mark.parametrize("bit", [0, 7, 100])
    def test_hook_02_one_bit_of_the_body(
        self, receiver: WebhookReceiver, path: Path, bit: int
    ) -> None:
        """One bit of the body changed: 401, and nothing is stored."""
        body = bytearray(event(1))
        headers = signed(bytes(body))
        body[bit // 8] ^= 1 << bit % 8
        assert receiver.handle("POST", URL, headers, bytes(body)).status == 401
        assert files(path) == []

    @pytest.mark.parametrize(
        "signature", [None, "", "sha1=00", "00", "sha256=", "sha256=\u00e4\u00f6", "x" * 10_000]
    )
    def test_hook_03_no_signature_or_a_wrong_one(
        self, receiver: WebhookReceiver, path: Path, signature: str | None
    ) -> None:
        """Missing, empty, of another scheme: 401, and nothing is stored."""
        headers = {} if signature is None else {"X-Signature": signature}
        ack = receiver.handle("POST", URL, headers, event(1))
        assert (ack.status, ack.body, files(path)) == (401, b"", [])

    def test_too_long(self, journal: Journal, clock: Clock) -> None:
        """A body that is too long is not even verified."""
        receiver = WebhookReceiver(Pushing(), journal, source=SOURCE, clock=clock, most_bytes=9)
        assert post(receiver, event(1)) == 413

    def test_nothing_is_told_of_what_was_sent(
        self, receiver: WebhookReceiver, caplog: pytest.LogCaptureFixture
    ) -> None:
        """A refusal is logged without body, address, header or secret."""
        with caplog.at_level(logging.DEBUG):
            receiver.handle("POST", URL + "?token=canary", {"X-Signature": "canary"}, b"canary")
        assert "401" in caplog.text
        assert "canary" not in caplog.text


class TestComingAgain:
    def test_hook_05_a_replay_inside_the_window(
        self, receiver: WebhookReceiver, held: Store, path: Path
    ) -> None:
        """The same bytes twice: 200 both times, applied once, written once."""
        body = event(1)
        assert post(receiver, body) == 200
        size = [file.stat().st_size for file in files(path)]
        assert post(receiver, body) == 200
        assert [file.stat().st_size for file in files(path)] == size
        assert held.fold().counts.applied == 1

    @pytest.mark.parametrize("days", [1, 7, 29])
    def test_hook_06_a_replay_days_later(
        self, path: Path, held: Store, clock: Clock, days: int
    ) -> None:
        """The same bytes another day, at another process: 200, and nothing changes."""
        for text, later in (("Cold", 0), ("Warm", 0), ("Cold", days)):
            clock.now += timedelta(days=later)
            journal = open_journal(path, clock=clock)
            receiver = WebhookReceiver(_Unstamped(), journal, source=SOURCE, clock=clock)
            assert post(receiver, event(1, text)) == 200
            journal.close()
            held.fold()
        assert texts(held) == {"1": "Warm"}
        assert sum(one.applied for one in held.receipts()) == 2

    def test_hook_16_out_of_order_and_thrice(
        self, path: Path, held: Store, clock: Clock, tmp_path: Path
    ) -> None:
        """Deliveries shuffled and sent three times end where those in order end."""
        bodies = [event(n, f"Version {at}", at=at) for n in range(6) for at in range(4)]
        shuffled = bodies * 3
        random.Random(5).shuffle(shuffled)
        straight = tmp_path / "straight.duckdb"
        for place, order in ((path, shuffled), (straight, bodies)):
            journal = open_journal(place, clock=clock)
            receiver = WebhookReceiver(Pushing(), journal, source=SOURCE, clock=clock)
            assert {post(receiver, body) for body in order} == {200}
            journal.close()
        held.fold()
        other = open_store(straight, clock=clock)
        assert texts(held) == texts(other) == {str(n): "Version 3" for n in range(6)}
        other.close()

    def test_own_ids_of_deliveries(self, journal: Journal, clock: Clock, held: Store) -> None:
        """Where a vendor's deliveries have ids, the same id is the same delivery."""
        receiver = WebhookReceiver(Keyed(), journal, source=SOURCE, clock=clock)
        assert post(receiver, event(1)) == 200
        assert post(receiver, event(1, "Sent again, with another body")) == 200
        held.fold()
        assert texts(held) == {"1": "The hall is cold"}

    def test_an_address_is_no_part_of_a_key(self) -> None:
        """What nobody signed cannot make another delivery of the same body; without one it must."""
        at = Clock()()

        def key(url: str, body: bytes) -> str:
            made = Delivery(method="POST", url=url, headers={}, body=body, received_at=at)
            return key_of(Pushing(), made)

        assert key("https://a/?x=1", b"{}") == key("https://a/?x=2", b"{}")
        assert key("https://a/?x=1", b"") != key("https://a/?x=2", b"")

    def test_what_was_not_kept_is_not_known(self, path: Path, clock: Clock, held: Store) -> None:
        """A delivery that could not be kept is taken when it comes again."""
        disk = FaultyDisk(fail_at=1)
        journal = open_journal(path, clock=clock, disk=disk)
        receiver = WebhookReceiver(Pushing(), journal, source=SOURCE, clock=clock)
        ack = receiver.handle("POST", URL, signed(event(1)), event(1))
        assert (ack.status, ack.headers["retry-after"]) == (503, "60")
        assert post(receiver, event(1)) == 200
        journal.close()
        held.fold()
        assert texts(held) == {"1": "The hall is cold"}


class _Unstamped(Pushing):
    """A vendor whose records have no stamp: the last word counts."""

    def parse(self, delivery: Delivery) -> Any:
        """Read the notes without their stamps."""
        for one in super().parse(delivery):
            assert isinstance(one, Note)
            yield Note(native_id=one.native_id, occurred_at=one.occurred_at, text=one.text)


class TestReadingLater:
    @pytest.fixture
    def thin(self) -> Pushing:
        """A connector that has to fetch what a delivery points to, and cannot now."""
        return Pushing(is_thin=True)

    @pytest.fixture
    def waiting(self, thin: Pushing, journal: Journal, clock: Clock) -> WebhookReceiver:
        """A receiver that has taken one delivery of it."""
        receiver = WebhookReceiver(thin, journal, source=SOURCE, clock=clock)
        assert post(receiver, event(1)) == 200
        return receiver

    @pytest.mark.usefixtures("waiting")
    def test_it_waits_and_is_read(self, thin: Pushing, held: Store, clock: Clock) -> None:
        """What could not be read at once waits in the inbox until it can be."""
        receipt = take_in(held, thin, source=SOURCE, clock=clock)
        assert receipt is not None
        assert (receipt.verdict, receipt.reason[:14]) == ("partial", "RetryableError")
        thin.is_thin = False
        receipt = take_in(held, thin, source=SOURCE, clock=clock)
        assert receipt is not None
        assert (receipt.new, receipt.verdict, receipt.balances) == (1, "unknown", True)
        assert texts(held) == {"1": "The hall is cold"}
        assert held.unread() == ()
        assert take_in(held, thin, source=SOURCE, clock=clock) is None

    @pytest.mark.usefixtures("waiting")
    def test_what_was_read_survives_the_store(
        self, thin: Pushing, held: Store, clock: Clock, path: Path
    ) -> None:
        """Records of a delivery that was read later are in the journal, too."""
        thin.is_thin = False
        take_in(held, thin, source=SOURCE, clock=clock)
        held.close()
        for file in path.parent.glob("cxm.duckdb*"):
            if file.is_file():
                file.unlink()
        again = open_store(path, clock=clock)
        assert texts(again) == {"1": "The hall is cold"}
        again.close()

    @pytest.mark.usefixtures("waiting")
    def test_it_survives_a_new_name_and_a_compaction(
        self, held: Store, clock: Clock, path: Path, journal: Journal
    ) -> None:
        """What waits follows its source's new name, and stays when the store is written anew."""
        held.fold()
        held.rename_source(SOURCE, "pushing:new")
        journal.close()
        held.compact()
        copy = path.with_name("copy.duckdb")
        shutil.copytree(journal_folder(path), journal_folder(copy))
        other = open_store(copy, clock=clock)
        for store in (held, other):
            assert [one.source for one in store.unread()] == ["pushing:new"]
        other.close()

    @pytest.mark.usefixtures("waiting")
    def test_one_that_cannot_be_read_keeps_no_other_back(
        self, thin: Pushing, held: Store, clock: Clock, waiting: WebhookReceiver
    ) -> None:
        """A fault of the connector leaves its delivery waiting, and reads the others."""
        post(waiting, b'{"notes": [{}]}')
        post(waiting, event(2))
        thin.is_thin = False
        receipt = take_in(held, thin, source=SOURCE, clock=clock)
        assert receipt is not None
        assert "failed with KeyError" in receipt.reason
        assert sorted(texts(held)) == ["1", "2"]
        assert len(held.unread()) == 1

    @pytest.mark.usefixtures("waiting")
    def test_a_row_that_is_no_record(
        self, thin: Pushing, held: Store, clock: Clock, waiting: WebhookReceiver
    ) -> None:
        """Read later, it is set aside as if it had been read at once."""
        post(waiting, event(2, bad=True))
        thin.is_thin = False
        receipt = take_in(held, thin, source=SOURCE, clock=clock)
        assert receipt is not None
        assert dict(receipt.reasons) == {"wrong_type": 1}
        assert receipt.balances
        assert len(held.quarantined()) == 1

    @pytest.mark.usefixtures("waiting")
    def test_a_connector_without_the_face(self, held: Store, clock: Clock) -> None:
        """What waits is not let go by a connector that cannot read it."""
        with pytest.raises(UsageError, match="1 wait"):
            take_in(held, object(), source=SOURCE, clock=clock)

    def test_a_fault_of_the_connector(
        self, receiver: WebhookReceiver, held: Store, clock: Clock
    ) -> None:
        """A verified delivery that the connector stumbles over is acknowledged, and not lost."""
        assert post(receiver, b'{"no": "notes"}') == 200
        held.fold()
        assert len(held.unread(source=SOURCE)) == 1

    def test_what_is_written_down_lets_nobody_in(self) -> None:
        """A delivery is written without what let it in, and read back as it came."""
        body = bytes(range(256))
        headers = {
            "x-signature": "canary",
            "authorization": "canary",
            "x-api-key": "canary",
            "x-topic": "answer",
        }
        made = Delivery(
            method="POST",
            url="https://a/?token=canary",
            headers=headers,
            body=body,
            received_at=Clock()(),
        )
        assert "canary" not in written(made)
        read = read_back(written(made))
        assert (read.body, read.headers, read.method) == (body, {"x-topic": "answer"}, "POST")


class TestHandshake:
    def test_a_challenge(self, journal: Journal, clock: Clock) -> None:
        """A challenge is answered before anything is verified, and only to who may ask."""
        receiver = WebhookReceiver(Keyed(), journal, source=SOURCE, clock=clock)
        right = receiver.handle("GET", f"{URL}?token=s3cret&challenge=42", {}, b"")
        assert (right.status, right.body) == (200, b"42")
        assert receiver.handle("GET", f"{URL}?token=guess&challenge=42", {}, b"").status == 401


class TestFaults:
    def test_a_fault_in_verify(self, journal: Journal, clock: Clock) -> None:
        """A connector that fails while it verifies lets nothing in, and the vendor tries again."""

        class Broken(Pushing):
            def verify(self, delivery: Delivery) -> None:
                raise ZeroDivisionError

        receiver = WebhookReceiver(Broken(), journal, source=SOURCE, clock=clock)
        assert post(receiver, event(1)) == 500

    def test_a_record_that_cannot_be_kept(self, clock: Clock) -> None:
        """An error of the journal is answered so that the vendor sends it again."""

        class Full:
            def append(self, *_: object, **__: object) -> None:
                raise StoreError("The disk is full.")

        journal: Any = Full()
        receiver = WebhookReceiver(Pushing(), journal, source=SOURCE, clock=clock)
        assert post(receiver, event(1)) == 503

    def test_a_receiver_that_was_closed(self, receiver: WebhookReceiver) -> None:
        """What comes after the end is not kept, and the vendor is told to send it again."""
        receiver.close()
        assert post(receiver, event(1)) == 503


class TestParts:
    def test_headers(self) -> None:
        """Names lose their capitals; several of one name are one, in order."""
        assert joined([("X-A", "1"), ("x-a", "2"), ("B", "3")]) == {"x-a": "1, 2", "b": "3"}
        assert joined({"X-A": "1"}) == {"x-a": "1"}

    def test_recent(self) -> None:
        """Only the last keys are remembered."""
        recent = Recent(most=2)
        for key in ("a", "b", "a", "c"):
            recent.add(key)
        assert [key in recent for key in "abc"] == [True, False, True]
