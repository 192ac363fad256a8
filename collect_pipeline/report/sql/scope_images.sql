-- The images that a part of the report is about: those of one version, or all where $version_id is NULL.
CREATE OR REPLACE TEMP TABLE scoped_images AS
SELECT image_id, prompt_id, prompt IS NOT NULL AS has_prompt, model_name, browsing_level, created_at, first_collected_at
FROM images
WHERE $version_id IS NULL
    OR image_id IN (SELECT image_id FROM image_versions WHERE model_version_id = $version_id);
