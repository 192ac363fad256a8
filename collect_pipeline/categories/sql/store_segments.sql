-- From matches to segment_categories, for the segments in pending_segments.
DELETE FROM segment_categories WHERE segment_id IN (SELECT segment_id FROM pending_segments);

INSERT INTO segment_categories BY NAME
SELECT segment_id, word_position, word_count, category, phrase, nsfw_level,
    getvariable('taxonomy_version') AS taxonomy_version
FROM matches
JOIN found_meanings USING (form_id)
WHERE NOT negated;

INSERT INTO categorized_segments
SELECT segment_id FROM pending_segments WHERE segment_id NOT IN (FROM categorized_segments);
