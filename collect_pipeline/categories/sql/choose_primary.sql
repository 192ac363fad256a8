-- The primary category is the one of most weight, then the rarer one over the collected corpus, then the first by name:
-- one number says all of it, here as in `_is_primary` of gathering.py. Prompts that were decided earlier are decided
-- again only if the order of the categories has changed, so that the outcome depends on the corpus alone.
CREATE OR REPLACE TEMP TABLE undecided_prompts AS
SELECT prompt_id
FROM (
    SELECT prompt_id, category
    FROM prompt_categories
    ANTI JOIN pending_prompts USING (prompt_id)
    WHERE EXISTS (
        SELECT category, rarity_rank FROM new_ranks EXCEPT SELECT category, rarity_rank FROM category_ranks)
    QUALIFY weight = max(weight) OVER (PARTITION BY prompt_id)
)
GROUP BY prompt_id
HAVING count(*) > 1;

DELETE FROM category_ranks;

INSERT INTO category_ranks BY NAME FROM new_ranks;

UPDATE prompt_categories
SET is_primary = (chosen.category = prompt_categories.category)
FROM (
    SELECT prompt_id, arg_max(category, weight * 1000 - rarity_rank) AS category
    FROM prompt_categories
    SEMI JOIN undecided_prompts USING (prompt_id)
    JOIN category_ranks USING (category)
    GROUP BY prompt_id
) AS chosen
WHERE chosen.prompt_id = prompt_categories.prompt_id
    AND is_primary <> (chosen.category = prompt_categories.category);
