-- Images without a prompt_id → images, prompts, segments, prompt_segments. Work tables are temporary.
-- Wide columns are kept out of GROUP BY: the smallest id of a group is found first, then its text is fetched.

CREATE OR REPLACE TEMP TABLE new_image AS
    SELECT image_id, md5_number(prompt) AS spelling_key
    FROM images
    WHERE prompt IS NOT NULL AND prompt_id IS NULL;

-- Each spelling is normalized once, however many images carry it.
CREATE OR REPLACE TEMP TABLE new_spelling AS
    SELECT spelling_key, normalized, prompt_key(normalized) AS prompt_id
    FROM (
        SELECT spelling_key, normalize_prompt(prompt) AS normalized
        FROM (SELECT spelling_key, min(image_id) AS image_id FROM new_image GROUP BY spelling_key)
        JOIN images USING (image_id)
    );

UPDATE images
SET prompt_id = new_spelling.prompt_id
FROM new_image JOIN new_spelling USING (spelling_key)
WHERE images.image_id = new_image.image_id;

CREATE OR REPLACE TEMP TABLE new_prompt AS
    SELECT
        prompt_id,
        normalized,
        len(segments_of(normalized))::INTEGER AS tag_count,
        is_prose(normalized, tag_count) AS is_prose
    FROM (SELECT prompt_id, min(spelling_key) AS spelling_key FROM new_spelling GROUP BY prompt_id)
    JOIN new_spelling USING (prompt_id, spelling_key)
    ANTI JOIN prompts USING (prompt_id);

-- An id is the md5 of a text; taking it once for each distinct segment is cheaper than once for each mention.
CREATE OR REPLACE TEMP TABLE new_prompt_segment_text AS
    SELECT text_id(segment) AS segment_id, segment
    FROM (SELECT DISTINCT unnest(segments_of(normalized)) AS segment FROM new_prompt);

INSERT INTO segments BY NAME
    SELECT segment_id, segment FROM new_prompt_segment_text ANTI JOIN segments USING (segment_id);

CREATE OR REPLACE TEMP TABLE new_prompt_segment AS
    SELECT prompt_id, segment_id, position
    FROM (
        SELECT
            prompt_id,
            unnest(segments_of(normalized)) AS segment,
            generate_subscripts(segments_of(normalized), 1)::INTEGER AS position
        FROM new_prompt
    )
    JOIN new_prompt_segment_text USING (segment);

INSERT INTO prompt_segments BY NAME FROM new_prompt_segment;

-- What the images say about each prompt. Read in full: it is narrow, and it also finds the prompts whose images have
-- got more reactions or another prompt since.
CREATE OR REPLACE TEMP TABLE touched_prompt AS
    SELECT facts.*
    FROM (
        SELECT
            prompt_id,
            count(*) AS image_count,
            greatest(coalesce(max(reaction_count), 0), 0) AS best_reactions,
            min(first_collected_at) AS first_seen_at
        FROM images
        WHERE prompt_id IS NOT NULL
        GROUP BY prompt_id
    ) AS facts
    LEFT JOIN prompts USING (prompt_id)
    WHERE prompts.prompt_id IS NULL
        OR prompts.image_count <> facts.image_count
        OR prompts.best_reactions <> facts.best_reactions
        OR prompts.first_seen_at <> facts.first_seen_at
        OR facts.prompt_id IN (SELECT prompt_id FROM new_spelling);

CREATE OR REPLACE TEMP TABLE first_image AS
    SELECT prompt_id, min(image_id) AS image_id
    FROM images
    JOIN touched_prompt USING (prompt_id)
    WHERE images.first_collected_at = touched_prompt.first_seen_at
    GROUP BY prompt_id;
