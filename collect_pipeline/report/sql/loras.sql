-- LoRAs and their kin by the images that name them. The site's generator gives version ids instead of names.
-- Case and spaces do not make another name.
WITH named AS (
    SELECT image_id, coalesce(resource_name, model_versions.model_name || ' ' || model_versions.version_name,
        'model version ' || model_version_id) AS name
    FROM prompt_resources
    SEMI JOIN scoped_images USING (image_id)
    LEFT JOIN model_versions USING (model_version_id)
    WHERE resource_type IN ('lora', 'lycoris', 'locon', 'dora')
)
SELECT mode(name ORDER BY name) AS shown, count(DISTINCT image_id) AS images
FROM named
WHERE name IS NOT NULL
GROUP BY lower(trim(regexp_replace(name, '\s+', ' ', 'g')))
ORDER BY images DESC, shown
LIMIT $most;
