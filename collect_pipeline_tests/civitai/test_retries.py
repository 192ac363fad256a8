"""How long the client waits between attempts, and when it gives up."""

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from collect_pipeline.civitai.client import CivitaiClient, ImageQuery, RetryPolicy
from collect_pipeline.civitai.errors import ConfigurationError, ReplyTooLargeError, RetryableError, WaitStoppedError
from collect_pipeline.civitai.limiter import RateLimiter

from .conftest import ClientFor, Waits
from .fake_source import Answer, FakeSource, json_answer, page, raw

QUERY = ImageQuery(7)
PATIENT = RetryPolicy(attempts=20, patience=1e9)
OVER_64_MB = Answer(body=b" " * (64 * 2**20 + 1))


def failing(status: int, times: int, **headers: str) -> list[Answer]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return [Answer(status, b"no", "text/plain", named)] * times + [Answer()]


def rounded(seconds: list[float], low: list[float]) -> bool:
    """Whether each wait is at least `low` and, with its jitter, not more than a quarter longer."""
    return len(seconds) == len(low) and all(b <= a <= b * 1.25 for a, b in zip(seconds, low, strict=True))


def test_a_busy_server_is_given_2_4_8_and_then_30_seconds(client_for: ClientFor, waits: Waits) -> None:
    with FakeSource(*failing(503, 6, Retry_After="2")) as source:
        client_for(source.url, policy=PATIENT).images_page(QUERY)
    assert waits.seconds == [2, 4, 8, 30, 30, 30]
    assert waits.slept == pytest.approx(104)


def test_a_rate_limit_without_a_time_is_given_30_60_120_and_300_seconds(client_for: ClientFor, waits: Waits) -> None:
    with FakeSource(*failing(429, 5)) as source:
        client_for(source.url, policy=PATIENT).images_page(QUERY)
    assert waits.seconds == [30, 60, 120, 300, 300]


@pytest.mark.parametrize(("asked", "waited"), [("30", 30), ("7", 7), ("0", 1), ("86400", 300), ("999999999", 300)])
def test_a_rate_limit_with_a_time_is_honoured_up_to_five_minutes(
    client_for: ClientFor, waits: Waits, asked: str, waited: float
) -> None:
    with FakeSource(*failing(429, 2, Retry_After=asked)) as source:
        client_for(source.url, policy=PATIENT).images_page(QUERY)
    assert waits.seconds == [waited, waited]


@pytest.mark.parametrize("asked", ["soon", "-5", "1e3", "", "Wed, 99 Foo 2026 99:99:99 GMT"])
def test_a_time_that_cannot_be_read_counts_as_none(client_for: ClientFor, waits: Waits, asked: str) -> None:
    with FakeSource(*failing(429, 1, Retry_After=asked)) as source:
        client_for(source.url).images_page(QUERY)
    assert waits.seconds == [30]


@pytest.mark.parametrize(("ahead", "waited"), [(45, 45), (4000, 300), (-60, 1)])
def test_a_date_is_read_by_the_servers_own_clock(
    client_for: ClientFor, waits: Waits, ahead: int, waited: float
) -> None:
    server_now = datetime(2020, 1, 1, tzinfo=UTC)

    now, until = (format_datetime(server_now + timedelta(seconds=shift), usegmt=True) for shift in (0, ahead))
    limited = raw(f"HTTP/1.1 429 Slow down\nDate: {now}\nRetry-After: {until}\nContent-Length: 0")
    with FakeSource(limited, Answer()) as source:
        client_for(source.url).images_page(QUERY)
    assert waits.seconds == [waited]


def test_a_time_inside_the_body_is_honoured(client_for: ClientFor, waits: Waits) -> None:
    with FakeSource(json_answer({"retry_after": 17}, 429), Answer()) as source:
        client_for(source.url).images_page(QUERY)
    assert waits.seconds == [17]


@pytest.mark.parametrize("status", [500, 502, 520, 503])
def test_other_server_errors_are_given_doubling_waits_with_jitter(
    client_for: ClientFor, waits: Waits, status: int
) -> None:
    with FakeSource(*failing(status, 7)) as source:
        client_for(source.url, policy=PATIENT).images_page(QUERY)
    assert rounded(waits.seconds, [1, 2, 4, 8, 16, 30, 30])


def test_the_last_attempt_comes_after_a_cached_error_has_expired(client_for: ClientFor, waits: Waits) -> None:
    with FakeSource(*failing(502, 7)) as source:
        client_for(source.url).images_page(QUERY)
        assert len(source.requests) == 8
    assert rounded(waits.seconds[:6], [1, 2, 4, 8, 16, 30])
    assert waits.seconds[6] == 301


def test_without_patience_for_that_all_attempts_come_early(client_for: ClientFor, waits: Waits) -> None:
    with FakeSource(*failing(502, 1)[:1]) as source:
        with pytest.raises(RetryableError) as caught:
            client_for(source.url, policy=RetryPolicy(attempts=3, patience=10)).images_page(QUERY)
        assert len(source.requests) == 3
    assert rounded(waits.seconds, [1, 2])
    assert caught.value.retry_after == 301


def test_an_error_out_of_the_cache_is_outwaited(client_for: ClientFor, waits: Waits) -> None:
    with FakeSource(*failing(502, 1, CF_Cache_Status="HIT", Age="100")) as source:
        client_for(source.url).images_page(QUERY)
    assert waits.seconds == [201]


@pytest.mark.parametrize("status", [500, 504, 524])
def test_where_the_source_ran_out_of_time_a_smaller_page_is_asked_for(client_for: ClientFor, status: int) -> None:
    with FakeSource(*failing(status, 2)) as source:
        result = client_for(source.url).images_page(QUERY)
        assert [dict(request.parameters)["limit"] for request in source.requests] == ["100", "50", "25"]
    assert result.limit == 25


def test_a_page_that_twice_takes_too_long_is_asked_for_with_fewer_items(client_for: ClientFor) -> None:
    silent = Answer(send=lambda _: time.sleep(1.5))
    with FakeSource(silent, silent, Answer()) as source:
        assert client_for(source.url, total_timeout=0.3).images_page(QUERY).limit == 50
        assert [dict(request.parameters)["limit"] for request in source.requests] == ["100", "100", "50"]


def test_after_slow_replies_another_error_leaves_the_page_as_it_is(client_for: ClientFor) -> None:
    silent = Answer(send=lambda _: time.sleep(1.5))
    with FakeSource(silent, silent, *failing(502, 1)) as source:
        assert client_for(source.url, total_timeout=0.3).images_page(QUERY).limit == 50


def test_a_page_is_never_halved_to_nothing(client_for: ClientFor) -> None:
    with FakeSource(*failing(500, 4)) as source:
        assert client_for(source.url).images_page(ImageQuery(7, limit=3)).limit == 1
        assert dict(source.requests[-1].parameters)["limit"] == "1"


def test_a_page_over_64_mb_is_asked_for_with_fewer_items(client_for: ClientFor, waits: Waits) -> None:
    with FakeSource(OVER_64_MB, OVER_64_MB, page({"id": 5})) as source:
        result = client_for(source.url).images_page(QUERY)
        assert [dict(request.parameters)["limit"] for request in source.requests] == ["100", "50", "25"]
    assert (result.limit, len(result.items), waits.seconds) == (25, 1, [])


def test_one_item_over_64_mb_is_an_error(client_for: ClientFor) -> None:
    with FakeSource(OVER_64_MB) as source, pytest.raises(ReplyTooLargeError, match="more than 64 MB"):
        client_for(source.url).images_page(ImageQuery(7, limit=2))
    assert len(source.requests) == 2


def test_other_errors_leave_the_page_as_large_as_it_was(client_for: ClientFor) -> None:
    with FakeSource(*failing(502, 1), *failing(429, 1)) as source:
        assert client_for(source.url).images_page(QUERY).limit == 100


def test_attempts_are_bounded(client_for: ClientFor, waits: Waits) -> None:
    with FakeSource(*failing(503, 1, Retry_After="2")[:1]) as source:
        with pytest.raises(RetryableError) as caught:
            client_for(source.url, policy=RetryPolicy(attempts=4)).images_page(QUERY)
        assert len(source.requests) == 4
    assert waits.seconds == [2, 4, 8]
    assert caught.value.retry_after == 30


def test_patience_bounds_the_sum_of_waits_and_the_error_says_how_long_to_wait(
    client_for: ClientFor, waits: Waits
) -> None:
    with FakeSource(*failing(429, 1)[:1]) as source, pytest.raises(RetryableError) as caught:
        client_for(source.url, policy=RetryPolicy(patience=100)).images_page(QUERY)
    assert waits.seconds == [30, 60]
    assert caught.value.retry_after == 120


def test_without_patience_nothing_is_waited_for(client_for: ClientFor, waits: Waits) -> None:
    with FakeSource(*failing(502, 1)[:1]) as source:
        with pytest.raises(RetryableError):
            client_for(source.url, policy=RetryPolicy(patience=0)).images_page(QUERY)
        assert len(source.requests) == 1
    assert waits.slept == 0


def test_the_long_wait_after_a_challenge_can_be_left_out(client_for: ClientFor, waits: Waits) -> None:
    challenge = Answer(403, b"<html>", "text/html", {"cf-mitigated": "challenge"})
    with FakeSource(challenge, Answer()) as source:
        client_for(source.url).images_page(QUERY)
    assert waits.seconds == [300]


def test_each_wait_is_announced_with_its_reason(client_for: ClientFor, waits: Waits) -> None:
    with FakeSource(*failing(502, 1)) as source:
        client_for(source.url).images_page(QUERY)
    assert "502 (no)" in waits.reasons[0]


def test_a_wait_ends_when_the_caller_wants_to_stop(no_limit: RateLimiter, waits: Waits) -> None:
    with FakeSource(*failing(429, 1)) as source:
        client = CivitaiClient(source.url, None, no_limit, sleep=waits.sleep, should_stop=lambda: waits.slept >= 1)
        with client, pytest.raises(WaitStoppedError):
            client.images_page(QUERY)
        assert len(source.requests) == 1
    assert waits.slept < 2


@pytest.mark.parametrize(
    "bounds", [{"attempts": 0}, {"patience": -1.0}, {"patience": float("nan")}, {"challenge_wait": -1.0}]
)
def test_a_policy_without_sense_is_refused(bounds: dict[str, float]) -> None:
    with pytest.raises(ConfigurationError):
        RetryPolicy(**bounds)  # type: ignore[arg-type]  # wrong on purpose
