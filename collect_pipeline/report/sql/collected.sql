SELECT date_trunc($unit, first_collected_at) AS start, count(*) AS images
FROM scoped_images
GROUP BY start
ORDER BY start;
