"""A source in trouble ends its lists early, also those that go over a gallery a second time."""

from collect_pipeline_tests.conftest import ATLAS, LANTERN, Setup


def followed_for(setup: Setup, days: int) -> None:
    for _ in range(days):
        setup.pass_time(days=1)
        setup.run(ATLAS, auto_advance_on_empty=True)


def complete_again(setup: Setup) -> None:
    """Until the version rests; the source is well again."""
    setup.sandbox.set_faults("")
    for _ in range(4):
        setup.pass_time(minutes=10)
        setup.run(ATLAS, auto_advance_on_empty=True)


def test_a_weekly_drain_that_ends_early_is_not_taken_for_one(setup: Setup) -> None:
    setup.complete(ATLAS)
    followed_for(setup, 6)
    [(middle,)] = setup.query("SELECT median(created_at) FROM images")
    age = (setup.now - middle).total_seconds()  # type: ignore[operator]  # a time
    late = setup.sandbox.publish(ATLAS.version_id, 3, age=age)
    setup.pass_time(days=1, hours=1)
    setup.sandbox.set_faults("false-end@2-9")
    setup.run(ATLAS, auto_advance_on_empty=True)
    assert setup.state(ATLAS).phase == "confirming"
    complete_again(setup)
    assert set(late) <= set(setup.stored(ATLAS))
    assert setup.stored(ATLAS) == setup.shown(ATLAS)
    assert setup.state(ATLAS).phase == "following"


def test_a_sweep_that_ends_early_is_not_taken_for_one(setup: Setup) -> None:
    setup.sandbox.set_faults("skips@3")
    setup.run(ATLAS)
    assert len(setup.stored(ATLAS)) < len(setup.shown(ATLAS))
    setup.pass_time(minutes=10)
    # The first request asks for the end again; the sweep begins with the second.
    setup.sandbox.set_faults("false-end@2-9")
    setup.run(ATLAS)
    assert setup.state(ATLAS).phase == "confirming"
    complete_again(setup)
    assert setup.stored(ATLAS) == setup.shown(ATLAS)


def test_a_gallery_of_which_much_was_removed_comes_to_rest_all_the_same(setup: Setup) -> None:
    setup.run()
    setup.sandbox.remove(setup.shown()[::3])
    for _ in range(6):
        setup.pass_time(minutes=10)
        setup.run()
    assert setup.state(LANTERN).phase == "following"
    assert set(setup.shown()) <= set(setup.stored())
    before = setup.image_requests()
    setup.pass_time(minutes=10)
    setup.run()
    assert setup.image_requests() - before == 1
