-- Until the end of 2024 CivitAI gave the maturity of an image as a word only. Items are read with that in mind now;
-- this is for those that were stored before.

UPDATE images
SET browsing_level = CASE nsfw_level WHEN 'None' THEN 1 WHEN 'Soft' THEN 2 WHEN 'Mature' THEN 4 WHEN 'X' THEN 8 END
WHERE coalesce(browsing_level, 0) = 0;
