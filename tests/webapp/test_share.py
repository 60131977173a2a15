"""A model in a link comes back as it was, and nothing else comes at all."""

from __future__ import annotations

import base64
import time
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp import share

LIMIT = 256 * 1024


@given(st.text(max_size=500))
def test_round_trip(source: str) -> None:
    payload = share.encode(source)
    assert payload.startswith("1.")
    assert share.decode(payload, LIMIT) == source


def test_a_payload_is_what_the_contract_says() -> None:
    body = share.encode("network A {}").removeprefix("1.")
    packed = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
    assert zlib.decompress(packed, -15).decode() == "network A {}"


def test_a_link_made_long_ago_still_opens() -> None:
    assert share.decode("1.y0stKc8vylZwVKiuBQA", LIMIT) == "network A {}"


def packed(data: bytes) -> str:
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    return "1." + base64.urlsafe_b64encode(deflate.compress(data) + deflate.flush()).rstrip(b"=").decode()


DAMAGED = (
    *("", "1", "1.", "2.S0lNBAA", "S0lNBAA", "1.S0lN", "1.S0lNBAA=", "1.S0 NBAA", "1.é", "1.S0lNBAA.x", "1.!!!!"),
    packed(b"\xff\xfe"),
)


@pytest.mark.parametrize("payload", DAMAGED)
def test_damaged_links_are_said_to_be(payload: str) -> None:
    with pytest.raises(share.PayloadError) as caught:
        share.decode(payload, LIMIT)
    assert not isinstance(caught.value, share.PayloadTooLarge)


def test_data_after_the_end_is_damage() -> None:
    good = share.encode("network A {}")
    body = good.removeprefix("1.")
    longer = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)) + b"more"
    with pytest.raises(share.PayloadError):
        share.decode("1." + base64.urlsafe_b64encode(longer).rstrip(b"=").decode(), LIMIT)


def test_the_limit_is_exact() -> None:
    assert len(share.decode(packed(b"#" * LIMIT), LIMIT)) == LIMIT
    with pytest.raises(share.PayloadTooLarge):
        share.decode(packed(b"#" * (LIMIT + 1)), LIMIT)


def test_a_bomb_costs_nothing() -> None:
    bomb = packed(b"\0" * 100_000_000)
    tracemalloc.start()
    start = time.perf_counter()
    with pytest.raises(share.PayloadTooLarge):
        share.decode(bomb, LIMIT)
    elapsed = time.perf_counter() - start
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert elapsed < 0.05
    assert peak < 2 * 1024 * 1024
