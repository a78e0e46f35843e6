import pytest

from hubroam.binder.ratelimit import RateLimiter


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


def test_an_address_has_its_launches_and_no_more():
    clock = Clock()
    limiter = RateLimiter(2, 3600, clock=clock, now=lambda: clock.now + 1_790_000_000)
    assert limiter.count("192.0.2.1").headers() == {
        "x-ratelimit-limit": "2",
        "x-ratelimit-remaining": "1",
        "x-ratelimit-reset": "1790004600",
    }
    assert limiter.count("192.0.2.1").refusal is None
    clock.now += 3000
    refused = limiter.count("192.0.2.1")
    assert "10 minutes" in refused.refusal.next_step  # what is left, not the whole period
    assert refused.headers() == {
        "x-ratelimit-limit": "2",
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": "1790004600",
    }
    assert limiter.count("192.0.2.2").refusal is None
    clock.now += 600
    assert limiter.count("192.0.2.1").remaining == 1


def test_the_last_minute_is_told_in_seconds():
    clock = Clock()
    limiter = RateLimiter(1, 3600, clock=clock)
    limiter.count("192.0.2.1")
    clock.now += 3570
    assert "30 seconds" in limiter.count("192.0.2.1").refusal.next_step


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.1", "::1"])
def test_exempt_addresses(address):
    limiter = RateLimiter(1, 3600, ["127.0.0.0/8", "::1/128"])
    assert [limiter.count(address) for _ in range(3)] == [None] * 3


def test_no_limit():
    assert RateLimiter(0, 3600).count("192.0.2.1") is None


def test_ended_periods_are_forgotten():
    clock = Clock()
    limiter = RateLimiter(1, 10, clock=clock)
    for number in range(200):
        limiter.count(f"192.0.2.{number}")
    clock.now += 11
    limiter.count("192.0.2.1")
    assert len(limiter._windows) == 1
