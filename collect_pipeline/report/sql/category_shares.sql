SELECT category, count(*) AS prompts, count(*) FILTER (is_primary) AS primary_in
FROM prompt_categories
SEMI JOIN scoped_prompts USING (prompt_id)
GROUP BY category
ORDER BY prompts DESC, category;
