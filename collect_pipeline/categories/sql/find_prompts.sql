-- To pending_prompts: prompts without categories, and prompts with a segment in pending_segments. What belongs to
-- prompts that no longer exist goes.
DELETE FROM prompt_categories WHERE prompt_id NOT IN (SELECT prompt_id FROM prompts);

CREATE OR REPLACE TEMP TABLE pending_prompts AS
SELECT prompt_id FROM prompts WHERE prompt_id NOT IN (SELECT prompt_id FROM prompt_categories)
UNION
SELECT prompt_id
FROM prompt_segments
SEMI JOIN pending_segments USING (segment_id)
SEMI JOIN prompts USING (prompt_id);
