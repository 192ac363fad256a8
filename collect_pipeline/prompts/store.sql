-- Writes `prompts` once `touched_prompt`, `first_image` and `text_quality` are there.

-- An update writes the whole column anew, so the text is left out where it stays.
UPDATE prompts
SET prompt = images.prompt, prompt_length = length(images.prompt)
FROM first_image JOIN images USING (image_id)
WHERE prompts.prompt_id = first_image.prompt_id;

UPDATE prompts
SET
    image_count = touched_prompt.image_count,
    best_reactions = touched_prompt.best_reactions,
    first_seen_at = touched_prompt.first_seen_at,
    quality_score = quality_score(
        text_score(prompts.quality_score, prompts.best_reactions), touched_prompt.best_reactions
    )
FROM touched_prompt
WHERE prompts.prompt_id = touched_prompt.prompt_id;

INSERT INTO prompts BY NAME
    WITH facts AS MATERIALIZED (
        SELECT
            new_prompt.prompt_id,
            -- The first image may be an older one, where somebody has deleted its prompt.
            coalesce(new_image.spelling_key, new_prompt.spelling_key) AS spelling_key,
            touched_prompt.image_count,
            quality_score(text_quality.score, touched_prompt.best_reactions) AS quality_score,
            new_prompt.tag_count,
            touched_prompt.best_reactions,
            touched_prompt.first_seen_at
        FROM new_prompt
        JOIN touched_prompt USING (prompt_id)
        JOIN text_quality USING (prompt_id)
        JOIN first_image USING (prompt_id)
        LEFT JOIN new_image USING (image_id)
    )
    SELECT
        facts.prompt_id,
        prompt,
        normalized,
        facts.prompt_id AS cluster_id,
        image_count,
        quality_score,
        length(prompt)::INTEGER AS prompt_length,
        tag_count,
        best_reactions,
        first_seen_at
    FROM new_spelling
    JOIN facts USING (spelling_key);
