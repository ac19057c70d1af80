"""SipHash-2-4 with a key of zeros: the number that the store's ``sipHash64(text)`` gives."""

from __future__ import annotations

_ALL = (1 << 64) - 1


def siphash64(data: bytes) -> int:
    """The hash, 0 … 2⁶⁴-1."""
    v0, v1, v2, v3 = 0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573
    whole = len(data) & ~7
    blocks = [int.from_bytes(data[at : at + 8], "little") for at in range(0, whole, 8)]
    blocks.append(int.from_bytes(data[whole:], "little") | (len(data) & 0xFF) << 56)
    for block, rounds in [*((each, 2) for each in blocks), (None, 4)]:
        if block is None:
            v2 ^= 0xFF
            block = 0
        v3 ^= block
        for _ in range(rounds):
            v0 = (v0 + v1) & _ALL
            v1 = ((v1 << 13 | v1 >> 51) & _ALL) ^ v0
            v0 = (v0 << 32 | v0 >> 32) & _ALL
            v2 = (v2 + v3) & _ALL
            v3 = ((v3 << 16 | v3 >> 48) & _ALL) ^ v2
            v0 = (v0 + v3) & _ALL
            v3 = ((v3 << 21 | v3 >> 43) & _ALL) ^ v0
            v2 = (v2 + v1) & _ALL
            v1 = ((v1 << 17 | v1 >> 47) & _ALL) ^ v2
            v2 = (v2 << 32 | v2 >> 32) & _ALL
        v0 ^= block
    return v0 ^ v1 ^ v2 ^ v3
