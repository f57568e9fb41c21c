"""Damage to a copy of a store's folder: pure functions of bytes and a seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random

Wound = Callable[[bytearray, Random], bytearray]

SECTOR = 4096


def cut(data: bytearray, rng: Random) -> bytearray:
    """Lose everything from a random byte on, as a loss of power does."""
    return data[: rng.randrange(len(data))]


def flip(data: bytearray, rng: Random) -> bytearray:
    """Turn one bit over."""
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return data


def head_flip(data: bytearray, rng: Random) -> bytearray:
    """Turn a bit over among the first bytes, which say what the file is."""
    data[rng.randrange(min(len(data), 3 * SECTOR if len(data) > 100_000 else 64))] ^= 0x41
    return data


def zero_tail(data: bytearray, rng: Random) -> bytearray:
    """Keep the length, and lose what stood at the end."""
    start = rng.randrange(len(data))
    data[start:] = bytes(len(data) - start)
    return data


def zero_sector(data: bytearray, rng: Random) -> bytearray:
    """Lose one sector of the disk."""
    start = rng.randrange(len(data)) // SECTOR * SECTOR
    end = min(len(data), start + SECTOR)
    data[start:end] = bytes(end - start)
    return data


def garbage_tail(data: bytearray, rng: Random) -> bytearray:
    """Write chance over the end."""
    start = rng.randrange(len(data))
    data[start:] = rng.randbytes(len(data) - start)
    return data


def garbage_behind(data: bytearray, rng: Random) -> bytearray:
    """Let chance follow the end."""
    return data + rng.randbytes(rng.randrange(1, 3 * SECTOR))


def emptied(data: bytearray, _rng: Random) -> bytearray:
    """Lose every byte, and keep the name."""
    return data[:0]


def words(_data: bytearray, _rng: Random) -> bytearray:
    """Put something else under the name."""
    return bytearray(b"This is a letter, and nothing else.\n" * 40)


def several(data: bytearray, rng: Random) -> bytearray:
    """Turn over one bit in each of many places."""
    for _ in range(20):
        data = flip(data, rng)
    return data


_ALL: tuple[Wound, ...] = (
    cut, flip, head_flip, zero_tail, zero_sector, garbage_tail, garbage_behind, emptied, words,
    several,
)  # fmt: skip
WOUNDS: Mapping[str, Wound] = {wound.__name__: wound for wound in _ALL}
PARTS: Mapping[str, str] = {
    "log": "cxm.duckdb.wal",
    "file": "cxm.duckdb",
    "journal": "cxm.duckdb.journal/*.cxmj",
}


def cases(part: str, count: int) -> list[tuple[str, int]]:
    """Pairs of a wound and a seed, so that every wound has its turn."""
    names = sorted(WOUNDS)
    return [(names[place % len(names)], place) for place in range(count)]


def damage(folder: Path, part: str, wound: str, seed: int) -> Path:
    """Damage one file of a store's folder; the file."""
    rng = Random(f"{part} {wound} {seed}")
    target = rng.choice(sorted(folder.glob(PARTS[part])))
    target.write_bytes(WOUNDS[wound](bytearray(target.read_bytes()), rng))
    return target
