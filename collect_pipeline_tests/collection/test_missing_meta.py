"""Generation data that the source fills in later is fetched, once, some hours after publication."""

from collect_pipeline_tests.conftest import LANTERN, Setup


def prompts(setup: Setup, image_ids: list[int]) -> list[object]:
    return [
        prompt
        for (prompt,) in setup.query(
            "SELECT prompt FROM images WHERE prompt IS NOT NULL AND list_contains(?, image_id)", image_ids
        )
    ]


def publish_without_meta(setup: Setup) -> list[int]:
    setup.complete()
    setup.pass_time(minutes=20)
    image_ids = setup.sandbox.publish(LANTERN.version_id, 4, age=600, without_meta=True)
    setup.run()
    assert set(image_ids) <= set(setup.stored())
    assert prompts(setup, image_ids) == []
    return image_ids


def test_meta_that_is_filled_in_later_is_stored_after_five_hours(setup: Setup) -> None:
    image_ids = publish_without_meta(setup)
    setup.sandbox.fill_meta(image_ids)
    setup.pass_time(hours=5, minutes=1)
    done = setup.run()
    assert len(prompts(setup, image_ids)) == done.filled_in == 4
    assert done.linked == 0


def test_it_is_found_behind_images_that_were_published_since(setup: Setup) -> None:
    image_ids = publish_without_meta(setup)
    for _ in range(3):
        setup.pass_time(hours=1)
        setup.sandbox.publish(LANTERN.version_id, 80, age=600)
        setup.run()
    setup.sandbox.fill_meta(image_ids)
    setup.pass_time(hours=3)
    assert setup.run().filled_in == 4
    assert setup.stored() == setup.shown()


def test_before_five_hours_have_passed_a_look_is_one_request(setup: Setup) -> None:
    publish_without_meta(setup)
    setup.pass_time(hours=4)
    before = setup.image_requests()
    setup.run()
    assert setup.image_requests() - before == 1


def test_meta_that_stays_away_is_asked_for_only_once_more(setup: Setup) -> None:
    publish_without_meta(setup)
    setup.sandbox.publish(LANTERN.version_id, 150, age=600)
    setup.run()
    requests = []
    for _ in range(3):
        setup.pass_time(hours=6)
        before = setup.image_requests()
        assert setup.run().filled_in == 0
        requests.append(setup.image_requests() - before)
    assert requests == [2, 1, 1]


def test_old_images_without_meta_are_not_asked_for_again(setup: Setup) -> None:
    setup.complete()
    assert setup.query("SELECT count(*) > 0 FROM images WHERE NOT has_meta") == [(True,)]
    setup.pass_time(hours=6)
    before = setup.image_requests()
    setup.run()
    assert setup.image_requests() - before == 1
