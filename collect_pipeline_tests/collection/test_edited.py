"""An image whose maker wrote another prompt: what is stored follows what the source shows."""

from collect_pipeline_tests.conftest import LANTERN, Setup, work_out


def edited(setup: Setup) -> int:
    """The newest image with a prompt, edited after it was collected and worked out."""
    setup.complete()
    work_out(setup.warehouse)
    [(image_id,)] = setup.query(
        "SELECT image_id FROM images JOIN image_versions USING (image_id) "
        "WHERE model_version_id = ? AND prompt IS NOT NULL ORDER BY created_at DESC, image_id DESC LIMIT 1",
        LANTERN.version_id,
    )
    setup.sandbox.edit([int(str(image_id))], "a heron in the reeds, misty morning")
    setup.pass_time(minutes=20)
    return int(str(image_id))


def test_the_new_prompt_replaces_the_old_one_and_counts_as_news(setup: Setup) -> None:
    image_id = edited(setup)
    setup.sandbox.publish(LANTERN.version_id, 1)
    progress = setup.run()
    assert (progress.new, progress.filled_in) == (1, 1)
    assert setup.query("SELECT prompt, prompt_id, negative_prompt FROM images WHERE image_id = ?", image_id) == [
        ("a heron in the reeds, misty morning", None, None)
    ]


def test_the_image_moves_to_its_new_prompt_and_the_old_prompt_stays(setup: Setup) -> None:
    image_id = edited(setup)
    before = setup.query(
        "SELECT prompt_id, image_count FROM prompts JOIN images USING (prompt_id) WHERE image_id = ?", image_id
    )
    setup.sandbox.publish(LANTERN.version_id, 1)
    setup.run()
    work_out(setup.warehouse)
    [(old_id, old_count)] = before
    assert setup.query("SELECT image_count FROM prompts WHERE prompt_id = ?", old_id) == [(int(str(old_count)) - 1,)]
    assert setup.query(
        "SELECT prompts.prompt, image_count FROM prompts JOIN images USING (prompt_id) WHERE image_id = ?", image_id
    ) == [("a heron in the reeds, misty morning", 1)]


def test_a_page_that_was_received_earlier_changes_nothing_back(setup: Setup) -> None:
    image_id = edited(setup)
    setup.sandbox.publish(LANTERN.version_id, 1)
    setup.run()
    setup.sandbox.edit([image_id], "an older spelling")
    setup.pass_time(days=-1)
    setup.run(restart=True)
    assert setup.query("SELECT prompt FROM images WHERE image_id = ?", image_id) == [
        ("a heron in the reeds, misty morning",)
    ]


def test_the_same_prompt_again_is_no_news(setup: Setup) -> None:
    setup.complete()
    assert setup.run(restart=True).filled_in == 0
