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
    SELECT
        new_prompt.prompt_id,
        images.prompt,
        new_spelling.normalized,
        new_prompt.prompt_id AS cluster_id,
        touched_prompt.image_count,
        quality_score(text_quality.score, touched_prompt.best_reactions) AS quality_score,
        length(images.prompt)::INTEGER AS prompt_length,
        new_prompt.tag_count,
        touched_prompt.best_reactions,
        touched_prompt.first_seen_at
    FROM new_prompt
    JOIN new_spelling USING (prompt_id, spelling_key)
    JOIN touched_prompt ON touched_prompt.prompt_id = new_prompt.prompt_id
    JOIN text_quality ON text_quality.prompt_id = new_prompt.prompt_id
    JOIN first_image ON first_image.prompt_id = new_prompt.prompt_id
    JOIN images USING (image_id);
