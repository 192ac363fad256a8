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
), best_image AS (
    SELECT i.prompt_id, max_by(i.image_id, coalesce(i.reaction_count, 0)) AS image_id
    FROM images AS i
    SEMI JOIN listed ON listed.prompt_id = i.prompt_id
    GROUP BY i.prompt_id
)
SELECT
    v.prompt_id,
    v.prompt,
    round(listed.score, 3) AS score,
    v.best_reactions AS reactions,
    v.image_count AS images,
    listed.similar,
    v.prompt_length AS length,
    v.nsfw_level,
    v.primary_category,
    v.categories,
    v.keywords,
    v.model_version_ids,
    'https://civitai.com/images/' || best_image.image_id AS best_image
FROM v_prompts AS v
JOIN listed ON listed.prompt_id = v.prompt_id
LEFT JOIN best_image ON best_image.prompt_id = v.prompt_id
ORDER BY round(listed.score, 1) DESC, v.best_reactions DESC, v.prompt_id;
