"""The walk's decisions, one by one: what it believes, what it doubts, and when it gives up."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from collect_pipeline.collection.walk import (
    LegKind,
    Part,
    Phase,
    Policy,
    Seen,
    Verdict,
    Walk,
    advance,
    at_level,
    begin,
    drain,
    due_at,
    new_walk,
    restarted,
)

NOW = datetime(2026, 3, 1, 12, 0)  # noqa: DTZ001 - UTC without a zone, as the warehouse keeps time
POLICY = Policy()


def page(cursor: str | None = None, following: str | None = "next", **changes: object) -> Seen:
    """A healthy full page of a hundred images that are all new."""
    seen = Seen(
        request_cursor=cursor,
        next_cursor=following,
        items=100,
        unseen=100,
        new_to_leg=100,
        gaps=0,
        oldest_created_at=NOW - timedelta(days=30),
        mentions=90,
        foreign=0,
        fingerprint=f"page {cursor}",
        full=True,
        cursor_known=False,
    )
    return replace(seen, **changes)  # type: ignore[arg-type]  # fields by name


def known_page(cursor: str | None = None, following: str | None = "next", **changes: object) -> Seen:
    """A page on which everything was stored before the leg began."""
    return page(cursor, following, unseen=0, **changes)


def step(walk: Walk, seen: Seen, now: datetime = NOW, doubts: int = 9) -> Walk:
    return advance(walk, seen, doubts, POLICY, now)[0]


def drained(now: datetime = NOW) -> Walk:
    """A walk whose drain has just met the end."""
    walk = step(begin(new_walk(1), POLICY, now), page(None, "a"), now)
    return step(walk, page("a", None), now)


def following(now: datetime = NOW) -> Walk:
    """A walk that is complete: drained, confirmed and swept."""
    later = now + timedelta(seconds=450)
    walk = step(begin(drained(now), POLICY, later), known_page("a", None), later)
    assert walk.leg is not None
    assert walk.leg.kind is LegKind.SWEEP
    walk = step(walk, known_page(None, "b", fingerprint="top", met=100), later)
    return step(walk, known_page("b", None, met=100), later)


def test_a_new_walk_drains_from_the_oldest() -> None:
    walk = begin(new_walk(1), POLICY, NOW)
    assert walk.leg is not None
    assert (walk.phase, walk.leg.kind, walk.leg.sort, walk.cursor) == (Phase.DRAINING, LegKind.DRAIN, "Oldest", None)


def test_a_walk_under_way_goes_on_where_it_was() -> None:
    walk = step(begin(new_walk(1), POLICY, NOW), page(None, "a"))
    assert begin(walk, POLICY, NOW + timedelta(days=3)) == walk
    assert walk.cursor == "a"


def test_an_end_is_not_believed_at_once() -> None:
    walk = drained()
    assert (walk.phase, walk.leg, walk.cursor) == (Phase.CONFIRMING, None, None)
    assert due_at(walk, POLICY) == NOW + timedelta(seconds=450)


def test_the_end_is_asked_for_again_with_the_cursor_that_led_to_it() -> None:
    walk = begin(drained(), POLICY, NOW)
    assert walk.leg is not None
    assert (walk.leg.kind, walk.cursor) == (LegKind.TAIL, "a")


def test_an_end_asked_for_too_early_stays_unconfirmed() -> None:
    early = NOW + timedelta(seconds=60)
    walk = step(begin(drained(), POLICY, early), known_page("a", None), early)
    assert (walk.phase, walk.leg) == (Phase.CONFIRMING, None)
    assert due_at(walk, POLICY) == NOW + timedelta(seconds=450)


def test_a_confirmed_end_is_followed_by_a_sweep_from_the_other_side() -> None:
    walk = following()
    assert (walk.phase, walk.leg) == (Phase.FOLLOWING, None)


def test_a_false_end_goes_on_draining_and_waits_anew() -> None:
    later = NOW + timedelta(seconds=450)
    walk = begin(drained(), POLICY, later)
    walk = step(walk, page("a", "b", gaps=100), later)
    assert walk.cursor == "b"
    walk = step(walk, page("b", None, gaps=40), later)
    assert (walk.phase, walk.leg, walk.end_seen_at) == (Phase.CONFIRMING, None, later)


def test_images_published_since_do_not_put_the_confirmation_off() -> None:
    later = NOW + timedelta(seconds=450)
    walk = step(begin(drained(), POLICY, later), page("a", None, unseen=3, gaps=0), later)
    assert walk.leg is not None
    assert walk.leg.kind is LegKind.SWEEP


def test_gaps_found_by_the_sweep_bring_one_more_drain_and_no_third() -> None:
    later = NOW + timedelta(seconds=450)
    walk = step(begin(drained(), POLICY, later), known_page("a", None), later)
    walk = step(walk, page(None, None, unseen=2, gaps=2), later)
    assert walk.leg is not None
    assert (walk.phase, walk.leg.kind) == (Phase.DRAINING, LegKind.DRAIN)
    walk = step(walk, page(None, None, unseen=1, gaps=1), later)
    much_later = later + timedelta(seconds=450)
    walk = step(begin(walk, POLICY, much_later), known_page(None, None), much_later)
    assert (walk.phase, walk.leg) == (Phase.FOLLOWING, None)


def test_a_look_at_an_unchanged_first_page_is_one_request() -> None:
    later = NOW + timedelta(hours=1)
    walk = begin(following(), POLICY, later)
    assert walk.leg is not None
    assert (walk.leg.kind, walk.leg.sort) == (LegKind.LOOK, "Newest")
    walk, verdict = advance(walk, known_page(None, "a", fingerprint="top"), 0, POLICY, later)
    assert (verdict, walk.leg, walk.phase) == (Verdict.STOP, None, Phase.FOLLOWING)


def test_a_look_with_news_goes_on_until_two_old_pages_are_known_and_then_sees_the_tail() -> None:
    later = NOW + timedelta(hours=1)
    walk = step(begin(following(), POLICY, later), page(None, "b"), later)
    walk = step(walk, known_page("b", "c"), later)
    assert walk.cursor == "c"
    walk = step(walk, known_page("c", "d"), later)
    assert walk.leg is not None
    assert walk.leg.kind is LegKind.TAIL


def test_a_look_does_not_stop_at_known_images_of_the_last_two_days() -> None:
    later = NOW + timedelta(hours=1)
    walk = step(begin(following(), POLICY, later), page(None, "b"), later)
    for cursor, after in (("b", "c"), ("c", "d"), ("d", "e")):
        walk = step(walk, known_page(cursor, after, oldest_created_at=NOW - timedelta(hours=20)), later)
        assert walk.cursor == after


def test_everything_is_drained_again_after_a_week() -> None:
    walk = begin(following(), POLICY, NOW + timedelta(days=7))
    assert walk.leg is not None
    assert (walk.phase, walk.leg.kind) == (Phase.FOLLOWING, LegKind.DRAIN)
    walk = step(walk, known_page(None, "a"), NOW + timedelta(days=7))
    walk = step(walk, known_page("a", None), NOW + timedelta(days=7))
    assert (walk.phase, walk.leg) == (Phase.FOLLOWING, None)


def test_an_end_far_before_that_of_the_last_drain_is_asked_for_again() -> None:
    walk = begin(following(), POLICY, NOW + timedelta(days=7))
    for doubts in range(POLICY.doubts):
        assert advance(walk, known_page(None, None), doubts, POLICY, NOW) == (walk, Verdict.ASK_AGAIN)
    walk = step(walk, known_page(None, None), NOW + timedelta(days=7))
    assert (walk.phase, walk.leg) == (Phase.CONFIRMING, None)


@pytest.mark.parametrize("phase", ["looks", "drains"])
def test_a_short_or_empty_page_with_a_cursor_is_no_end(phase: str) -> None:
    walk = begin(new_walk(1) if phase == "drains" else following(), POLICY, NOW)
    empty = {"items": 0, "unseen": 0, "new_to_leg": 0, "mentions": 0, "full": False}
    walk = step(walk, page(None, "b", **empty))
    walk = step(walk, page("b", "c", **(empty | {"items": 1, "unseen": 1, "new_to_leg": 1})))
    assert walk.cursor == "c"


def test_a_cursor_given_before_is_doubted_and_then_ends_the_walk_as_suspect() -> None:
    walk = begin(new_walk(1), POLICY, NOW)
    for doubts in range(POLICY.doubts):
        same, verdict = advance(walk, page(None, "a", cursor_known=True), doubts, POLICY, NOW)
        assert (same, verdict) == (walk, Verdict.ASK_AGAIN)
    walk, verdict = advance(walk, page(None, "a", cursor_known=True), POLICY.doubts, POLICY, NOW)
    assert (verdict, walk.phase) == (Verdict.STOP, Phase.SUSPECT)
    assert walk.reason
    assert "circle" in walk.reason
    assert due_at(walk, POLICY) == NOW + timedelta(hours=1)


def test_pages_without_end_that_bring_nothing_new_are_bounded() -> None:
    walk = step(begin(new_walk(1), POLICY, NOW), page(None, "0"))
    for number in range(100):
        walk = step(walk, page(str(number), str(number + 1), unseen=0, new_to_leg=0))
        if walk.leg is None:
            break
    assert walk.phase is Phase.SUSPECT
    assert number < 10


def test_empty_pages_without_end_are_bounded() -> None:
    walk = begin(new_walk(1), POLICY, NOW)
    for number in range(100):
        walk = step(walk, page(str(number), str(number + 1), items=0, unseen=0, new_to_leg=0, full=False))
        if walk.leg is None:
            break
    assert walk.phase is Phase.SUSPECT
    assert number < 20


def test_a_gallery_that_names_only_other_versions_is_suspect_and_not_walked_to_its_end() -> None:
    walk = begin(new_walk(1), POLICY, NOW)
    for number in range(100):
        walk = step(walk, page(str(number), str(number + 1), mentions=0, foreign=95))
        if walk.leg is None:
            break
    assert walk.phase is Phase.SUSPECT
    assert number < 6


def test_a_gallery_that_hardly_ever_names_its_version_is_suspect_too() -> None:
    walk = step(begin(new_walk(1), POLICY, NOW), page(None, "1", mentions=3, foreign=95))
    for number in range(1, 100):
        walk = step(walk, page(str(number), str(number + 1), mentions=0, foreign=95))
        if walk.leg is None:
            break
    assert walk.phase is Phase.SUSPECT
    assert number < 6
    assert "3 of" in (walk.reason or "")


def test_a_gallery_that_names_its_version_now_and_then_is_believed() -> None:
    walk = begin(new_walk(1), POLICY, NOW)
    for number in range(20):
        walk = step(walk, page(str(number) if number else None, str(number + 1), mentions=2, foreign=95))
    assert walk.phase is Phase.DRAINING


def test_a_gallery_that_names_no_version_at_all_is_believed() -> None:
    walk = begin(new_walk(1), POLICY, NOW)
    for number in range(20):
        walk = step(walk, page(str(number), str(number + 1), mentions=0, foreign=0))
    assert walk.phase is Phase.DRAINING


def cut_off(met: int) -> Walk:
    """A drain and a sweep of ten pages each; `met` counts the images of each page that the drain showed too."""
    walk = begin(new_walk(3), POLICY, NOW)
    for number in range(10):
        walk = step(walk, page(str(number), str(number + 1) if number < 9 else None))
    later = NOW + timedelta(seconds=450)
    walk = step(begin(walk, POLICY, later), known_page("9", None), later)
    for number in range(10):
        walk = step(walk, page(str(number), str(number + 1) if number < 9 else None, gaps=100, met=met), later)
    return walk


def test_two_ends_that_stop_at_the_same_number_and_do_not_meet_cut_the_walk_into_levels() -> None:
    walk = cut_off(met=0)
    assert (walk.phase, walk.scope, walk.parts) == (Phase.DRAINING, Part(1), (Part(2),))
    assert walk.leg is not None
    assert (walk.leg.kind, walk.leg.sort) == (LegKind.DRAIN, "Oldest")


def test_two_ends_that_meet_are_no_ceiling() -> None:
    assert cut_off(met=1).scope == Part(3)


def test_each_part_is_drained_and_swept_and_the_last_one_completes_the_walk() -> None:
    walk = cut_off(met=0)
    for level in (1, 2):
        assert walk.scope == Part(level)
        walk = step(walk, page(None, None, items=40))
        assert walk.leg is not None
        assert (walk.leg.kind, walk.scope) == (LegKind.SWEEP, Part(level))
        walk = step(walk, page(None, None, items=40, met=40))
    assert (walk.phase, walk.leg, walk.scope) == (Phase.FOLLOWING, None, Part(3))


def test_a_list_that_is_known_to_stop_early_is_cut_without_a_second_proof() -> None:
    walk = replace(following(), ceiling=100)
    walk = begin(walk, POLICY, NOW + timedelta(days=7))
    walk = step(walk, known_page(None, None), NOW + timedelta(days=7))
    assert (walk.phase, walk.scope) == (Phase.FOLLOWING, Part(1, "image"))


def test_a_suspect_walk_starts_over() -> None:
    walk = step(begin(new_walk(1), POLICY, NOW), page(None, "a", cursor_known=True))
    walk = begin(walk, POLICY, NOW)
    assert walk.leg is not None
    assert (walk.phase, walk.leg.kind, walk.reason) == (Phase.DRAINING, LegKind.DRAIN, None)


def test_refused_cursors_restart_the_leg_a_bounded_number_of_times() -> None:
    walk = step(begin(new_walk(1), POLICY, NOW), page(None, "a"))
    for _ in range(POLICY.restarts):
        walk = restarted(walk, POLICY, NOW)
        assert walk.cursor is None
        assert walk.leg is not None
    assert restarted(walk, POLICY, NOW).phase is Phase.SUSPECT


def test_another_browsing_level_begins_anew_only_when_it_is_wider() -> None:
    walk = following()
    assert at_level(walk, 3).phase is Phase.DRAINING
    narrowed = at_level(replace(walk, browsing_level=3), 1)
    assert (narrowed.phase, narrowed.browsing_level) == (Phase.FOLLOWING, 1)


def test_a_drain_ordered_by_hand_keeps_a_complete_version_followed() -> None:
    assert drain(following(), NOW).phase is Phase.FOLLOWING
