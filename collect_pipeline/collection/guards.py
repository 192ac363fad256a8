"""What makes the walk doubt a page, and what makes it give up: every list that could go on for ever ends here."""

from collect_pipeline.collection.walk_state import Leg, LegKind, Phase, Policy, Seen, Walk


def is_doubtful(leg: Leg, seen: Seen) -> bool:
    """A page that a healthy walk does not meet: asked again before it is believed."""
    seen_before = seen.items > 0 and seen.new_to_leg == 0 and leg.stale_pages == 0
    return seen.cursor_known or seen_before or seen.problem is not None


def ends_short(walk: Walk, leg: Leg, policy: Policy) -> bool:
    """Whether a leg over the whole gallery, now at its end, showed clearly less of it than the last drain did.

    After gaps the gallery is walked once more in any case.
    """
    is_second_look = leg.kind is LegKind.SWEEP or (leg.kind is LegKind.DRAIN and walk.phase is Phase.FOLLOWING)
    if not is_second_look or leg.gaps or walk.part is not None:
        return False
    return walk.drained_items - leg.offset > max(policy.short_items, policy.short_share * walk.drained_items)


def trouble_with(leg: Leg, seen: Seen, policy: Policy) -> str | None:
    """Why the leg cannot be trusted any further, or None."""
    if seen.cursor_known:
        return f"the cursor after page {leg.pages} was given before: the list runs in a circle"
    if seen.problem is not None:
        return f"the list breaks off after page {leg.pages}: {seen.problem}"
    # A route that changes within a walk may start it over from page 1 with cursors of another form, so as many
    # known pages as there were are allowed before nothing new means that nothing new comes.
    if leg.stale_pages > 0 and leg.stale_pages >= policy.stale_pages + (leg.pages - leg.stale_pages):
        return f"{leg.stale_pages} pages in a row brought no image that was not on an earlier page"
    if leg.empty_pages >= policy.empty_pages and seen.next_cursor is not None:
        return f"{leg.empty_pages} empty pages in a row, each promising another"
    at_end = seen.next_cursor is None
    enough = policy.scope_items_at_end if at_end else policy.scope_items
    # An image that was only posted to a version need not name it. But where the images name other versions and hardly
    # ever this one, the filter was dropped: this is the whole site's feed, of which a few are the version's own.
    hardly_named = leg.mentions < leg.offset * policy.scope_share
    if hardly_named and leg.offset >= enough and leg.foreign * 2 >= leg.offset:
        return f"only {leg.mentions} of {leg.offset} images mention this version: the server seems to ignore the filter"
    return None
