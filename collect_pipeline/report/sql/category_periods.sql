-- Of the images published in each period: how many have a prompt of the category.
SELECT date_trunc($unit, created_at) AS start, category, count(*) AS images
FROM scoped_images
JOIN prompt_categories USING (prompt_id)
WHERE created_at IS NOT NULL
GROUP BY start, category
ORDER BY start, category;
