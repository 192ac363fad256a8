SELECT count(*) AS images,
    count(*) FILTER (has_prompt) AS with_prompt,
    (SELECT count(*) FROM scoped_prompts) AS prompts,
    (SELECT count(DISTINCT cluster_id) FROM scoped_prompts) AS clusters,
    min(first_collected_at) AS first_collected_at,
    max(first_collected_at) AS last_collected_at,
    min(created_at) AS first_published_at,
    max(created_at) AS last_published_at
FROM scoped_images;
