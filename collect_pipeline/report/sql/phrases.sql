WITH found AS (
    SELECT category, unnest(keywords) AS phrase
    FROM prompt_categories
    SEMI JOIN scoped_prompts USING (prompt_id)
)
SELECT category, phrase, count(*) AS prompts
FROM found
GROUP BY category, phrase
QUALIFY row_number() OVER (PARTITION BY category ORDER BY prompts DESC, phrase) <= $most
ORDER BY category, prompts DESC, phrase;
