-- The index is empty though there are prompts: all of them take the place of the new ones.

CREATE OR REPLACE TEMP TABLE new_prompt AS
    SELECT prompt_id, row_number() OVER () - 1 AS number, is_prose(word_count(normalized), tag_count) AS is_prose
    FROM prompts;

CREATE OR REPLACE TEMP VIEW new_prompt_text AS
    SELECT prompt_id, number, normalized, is_prose FROM prompts JOIN new_prompt USING (prompt_id);

CREATE OR REPLACE TEMP TABLE new_prompt_segment_text AS
    FROM segments;

CREATE OR REPLACE TEMP TABLE new_prompt_segment AS
    SELECT prompt_id, number, segment_id, position, is_prose FROM prompt_segments JOIN new_prompt USING (prompt_id);
