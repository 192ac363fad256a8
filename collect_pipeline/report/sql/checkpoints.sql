-- Checkpoints by the images that name them: in the list of resources, or else as the model of the whole image.
-- Case and spaces do not make another name.
WITH listed AS (
    SELECT image_id, coalesce(resource_name, model_versions.model_name || ' ' || model_versions.version_name,
        'model version ' || model_version_id) AS name
    FROM prompt_resources
    SEMI JOIN scoped_images USING (image_id)
    LEFT JOIN model_versions USING (model_version_id)
    WHERE resource_type = 'checkpoint'
),
named AS (
    SELECT image_id, name
    FROM listed
    WHERE name IS NOT NULL
    UNION ALL
    SELECT image_id, model_name AS name
    FROM scoped_images
    WHERE model_name IS NOT NULL AND image_id NOT IN (SELECT image_id FROM listed WHERE name IS NOT NULL)
)
SELECT mode(name ORDER BY name) AS shown, count(DISTINCT image_id) AS images
FROM named
WHERE name IS NOT NULL
GROUP BY lower(trim(regexp_replace(name, '\s+', ' ', 'g')))
ORDER BY images DESC, shown
LIMIT $most;
