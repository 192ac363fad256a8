-- What is shown of the prompts in `matched`, the best first: relevance to one decimal, then reactions.
WITH ranked AS (
    SELECT
        m.prompt_id,
        m.score,
        count(*) OVER (PARTITION BY m.cluster_id) - 1 AS similar,
        row_number() OVER (
            PARTITION BY m.cluster_id
            ORDER BY round(m.score, 1) DESC, m.best_reactions DESC, m.prompt_id
        ) AS place_in_cluster
    FROM matched AS m
    WHERE m.is_shown
), listed AS (
    SELECT ranked.prompt_id, ranked.score, ranked.similar
    FROM ranked
    JOIN prompts AS p ON p.prompt_id = ranked.prompt_id
    WHERE $similar OR ranked.place_in_cluster = 1
    ORDER BY round(ranked.score, 1) DESC, p.best_reactions DESC, ranked.prompt_id
    LIMIT $limit
), image AS (
    SELECT i.prompt_id, i.image_id, i.reaction_count
    FROM images AS i
    SEMI JOIN listed ON listed.prompt_id = i.prompt_id
), best_image AS (
    SELECT image.prompt_id, max_by(image.image_id, coalesce(image.reaction_count, 0)) AS image_id
    FROM image
    GROUP BY image.prompt_id
), found_under AS (
    SELECT image.prompt_id, list_sort(list(DISTINCT v.model_version_id)) AS model_version_ids
    FROM image
    JOIN image_versions AS v ON v.image_id = image.image_id
    GROUP BY image.prompt_id
), categorized AS (
    SELECT
        c.prompt_id,
        any_value(c.nsfw_level) AS nsfw_level,
        any_value(c.category) FILTER (c.is_primary) AS primary_category,
        list({'key': c.category, 'value': c.keywords} ORDER BY c.is_primary DESC, c.weight DESC, c.category)
            FILTER (c.category <> 'uncategorized') AS keywords
    FROM prompt_categories AS c
    SEMI JOIN listed ON listed.prompt_id = c.prompt_id
    GROUP BY c.prompt_id
)
SELECT
    p.prompt_id,
    p.prompt,
    round(listed.score, 3) AS score,
    p.best_reactions AS reactions,
    p.image_count AS images,
    listed.similar,
    p.prompt_length AS length,
    categorized.nsfw_level,
    categorized.primary_category,
    list_transform(coalesce(categorized.keywords, []), lambda entry: entry.key) AS categories,
    map_from_entries(coalesce(categorized.keywords, [])) AS keywords,
    coalesce(found_under.model_version_ids, []) AS model_version_ids,
    'https://civitai.com/images/' || best_image.image_id AS best_image
FROM prompts AS p
JOIN listed ON listed.prompt_id = p.prompt_id
LEFT JOIN categorized ON categorized.prompt_id = p.prompt_id
LEFT JOIN best_image ON best_image.prompt_id = p.prompt_id
LEFT JOIN found_under ON found_under.prompt_id = p.prompt_id
ORDER BY round(listed.score, 1) DESC, p.best_reactions DESC, p.prompt_id;
