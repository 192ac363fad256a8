-- Images without a prompt_id → images, segments, prompt_segments, and what store.sql writes to prompts. Work tables are
-- temporary. Prompts are kept out of GROUP BY and out of hash tables: they are found by their ids, and joined last.

CREATE OR REPLACE TEMP TABLE new_image AS
    SELECT image_id, hash(prompt) AS spelling_key, first_collected_at
    FROM images
    WHERE prompt IS NOT NULL AND prompt_id IS NULL;

-- Each spelling is normalized once, however many images carry it.
CREATE OR REPLACE TEMP VIEW new_spelling_text AS
    SELECT spelling_key, prompt
    FROM (SELECT spelling_key, min(image_id) AS image_id FROM new_image GROUP BY spelling_key)
    JOIN images USING (image_id);

CREATE OR REPLACE TEMP TABLE new_spelling AS
    SELECT spelling_key, prompt, normalized, prompt_key(normalized) AS prompt_id
    FROM normal_forms('new_spelling_text');

UPDATE images
SET prompt_id = new_spelling.prompt_id
FROM new_image JOIN new_spelling USING (spelling_key)
WHERE images.image_id = new_image.image_id;

CREATE OR REPLACE TEMP TABLE new_prompt AS
    SELECT
        prompt_id,
        row_number() OVER () - 1 AS number,
        spelling_key,
        tag_count,
        words,
        is_prose(words, tag_count) AS is_prose
    FROM (
        SELECT
            prompt_id,
            spelling_key,
            len(segments_of(normalized))::INTEGER AS tag_count,
            word_count(normalized) AS words
        FROM (SELECT prompt_id, min(spelling_key) AS spelling_key FROM new_spelling GROUP BY prompt_id)
        JOIN new_spelling USING (prompt_id, spelling_key)
        ANTI JOIN prompts USING (prompt_id)
    );

CREATE OR REPLACE TEMP VIEW new_prompt_text AS
    SELECT prompt_id, number, normalized, is_prose
    FROM new_spelling
    JOIN new_prompt USING (prompt_id, spelling_key);

-- An id is the md5 of a text; taking it once for each distinct segment is cheaper than once for each mention. Mentions
-- find it by a number: comparing texts costs more.
CREATE OR REPLACE TEMP TABLE new_prompt_segment_text AS
    SELECT text_id(segment) AS segment_id, segment_key, segment
    FROM (
        SELECT hash(segment) AS segment_key, any_value(segment) AS segment
        FROM (SELECT unnest(segments_of(normalized)) AS segment FROM new_prompt_text)
        GROUP BY segment_key
    );

INSERT INTO segments BY NAME
    SELECT segment_id, segment FROM new_prompt_segment_text ANTI JOIN segments USING (segment_id);

CREATE OR REPLACE TEMP TABLE new_prompt_segment AS
    SELECT prompt_id, number, segment_id, position, is_prose
    FROM (
        SELECT
            prompt_id,
            number,
            is_prose,
            hash(unnest(segments)) AS segment_key,
            generate_subscripts(segments, 1)::INTEGER AS position
        FROM (SELECT prompt_id, number, is_prose, segments_of(normalized) AS segments FROM new_prompt_text)
    )
    JOIN new_prompt_segment_text USING (segment_key);

INSERT INTO prompt_segments BY NAME SELECT prompt_id, segment_id, position FROM new_prompt_segment;

-- What the images say about each prompt. Read in full: it is narrow, and it also finds the prompts whose images have
-- got more reactions or another prompt since. A prompt that lost its last image (its maker edited the text) stays, so
-- that ids and clusters stay what they were.
CREATE OR REPLACE TEMP TABLE touched_prompt AS
    SELECT
        prompt_id,
        coalesce(facts.image_count, 0) AS image_count,
        coalesce(facts.best_reactions, prompts.best_reactions) AS best_reactions,
        coalesce(facts.first_seen_at, prompts.first_seen_at) AS first_seen_at
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
    FULL JOIN prompts USING (prompt_id)
    WHERE prompts.prompt_id IS NULL
        OR prompts.image_count <> coalesce(facts.image_count, 0)
        OR prompts.best_reactions <> facts.best_reactions
        OR prompts.first_seen_at <> facts.first_seen_at
        OR facts.prompt_id IN (SELECT prompt_id FROM new_spelling);

-- The spelling that is shown is that of the first image. It can only be another one where a new image may come first, or
-- where an image has left: then there are fewer images than there were and were added.
CREATE OR REPLACE TEMP TABLE respelled_prompt AS
    SELECT touched_prompt.prompt_id, touched_prompt.first_seen_at
    FROM touched_prompt
    JOIN prompts USING (prompt_id)
    LEFT JOIN (
        SELECT prompt_id, count(*) AS images, min(first_collected_at) AS first_seen_at
        FROM new_image
        JOIN (SELECT spelling_key, prompt_id FROM new_spelling SEMI JOIN prompts USING (prompt_id)) USING (spelling_key)
        GROUP BY prompt_id
    ) AS added USING (prompt_id)
    WHERE added.first_seen_at <= prompts.first_seen_at
        OR touched_prompt.image_count < prompts.image_count + coalesce(added.images, 0);

CREATE OR REPLACE TEMP TABLE first_image AS
    SELECT prompt_id, min(image_id) AS image_id
    FROM images
    JOIN (
        SELECT prompt_id, first_seen_at FROM touched_prompt SEMI JOIN new_prompt USING (prompt_id)
        UNION ALL
        FROM respelled_prompt
    ) AS prompt USING (prompt_id)
    WHERE images.first_collected_at = prompt.first_seen_at
    GROUP BY prompt_id;
