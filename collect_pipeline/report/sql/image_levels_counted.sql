SELECT browsing_level, count(*) AS images
FROM scoped_images
GROUP BY browsing_level;
