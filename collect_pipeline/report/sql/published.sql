-- How many images with a categorized prompt were published in each period.
SELECT date_trunc($unit, created_at) AS start, count(*) AS images
FROM scoped_images
SEMI JOIN prompt_levels USING (prompt_id)
WHERE created_at IS NOT NULL
GROUP BY start
ORDER BY start;
