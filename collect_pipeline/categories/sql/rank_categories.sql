-- To new_ranks: the categories from rare to common, once the prompts in pending_prompts have those in gathered_counts.
DELETE FROM prompt_categories WHERE prompt_id IN (SELECT prompt_id FROM pending_prompts);

CREATE OR REPLACE TEMP TABLE new_ranks AS
SELECT category, sum(prompts)::BIGINT AS prompt_count,
    row_number() OVER (ORDER BY sum(prompts), category) AS rarity_rank
FROM (
    SELECT category, count(*) AS prompts FROM prompt_categories GROUP BY category
    UNION ALL
    SELECT category, prompts
    FROM gathered_counts
    JOIN keyword_categories USING (category_id)
)
GROUP BY category;
