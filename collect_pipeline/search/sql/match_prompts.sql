-- Prompts for which every condition holds but the maturity level, which decides whether they are shown. An empty list or
-- NULL asks for nothing.
CREATE OR REPLACE TEMP TABLE matched AS
WITH phrase AS (
    SELECT unnest(range(len($phrases))) AS place, unnest($phrases::VARCHAR[]) AS text
), spelled AS (
    SELECT phrase.place, list(t.phrase) AS phrases
    FROM phrase
    JOIN taxonomy_phrases AS t ON t.form = match_form(phrase.text)
    GROUP BY phrase.place
), lora AS (
    SELECT unnest(range(len($loras))) AS place, replace(lower(unnest($loras::VARCHAR[])), '_', ' ') AS name
), used_lora AS (
    SELECT i.prompt_id, lora.place
    FROM prompt_resources AS r
    LEFT JOIN model_versions AS m ON m.model_version_id = r.model_version_id
    JOIN lora ON contains(replace(lower(r.resource_name), '_', ' '), lora.name)
        OR contains(replace(lower(m.model_name), '_', ' '), lora.name)
    JOIN images AS i ON i.image_id = r.image_id
    WHERE r.resource_type IN ('lora', 'locon', 'dora', 'lycoris')
), in_categories AS (
    SELECT c.prompt_id
    FROM prompt_categories AS c
    WHERE list_contains($categories::VARCHAR[], c.category)
    GROUP BY c.prompt_id
    HAVING count(DISTINCT c.category) = len($categories)
), with_phrases AS (
    SELECT c.prompt_id
    FROM prompt_categories AS c
    JOIN spelled ON list_has_any(c.keywords, spelled.phrases)
    GROUP BY c.prompt_id
    HAVING count(DISTINCT spelled.place) = len($phrases)
), with_loras AS (
    SELECT used_lora.prompt_id
    FROM used_lora
    GROUP BY used_lora.prompt_id
    HAVING count(DISTINCT used_lora.place) = len($loras)
), of_version AS (
    SELECT i.prompt_id
    FROM image_versions AS v
    JOIN images AS i ON i.image_id = v.image_id
    WHERE v.model_version_id = $version_id
)
SELECT
    p.prompt_id,
    p.cluster_id,
    p.best_reactions,
    coalesce(scored.score, 0) AS score,
    $levels::VARCHAR[] IS NULL
        OR coalesce(list_contains($levels::VARCHAR[], level.nsfw_level), false) AS is_shown
FROM prompts AS p
LEFT JOIN scored ON scored.prompt_id = p.prompt_id
LEFT JOIN prompt_categories AS level ON level.prompt_id = p.prompt_id AND level.is_primary
WHERE p.image_count > 0
    AND ($any_prompt OR scored.prompt_id IS NOT NULL)
    AND (len($categories) = 0 OR p.prompt_id IN (SELECT prompt_id FROM in_categories))
    AND (len($phrases) = 0 OR p.prompt_id IN (SELECT prompt_id FROM with_phrases))
    AND (len($loras) = 0 OR p.prompt_id IN (SELECT prompt_id FROM with_loras WHERE prompt_id IS NOT NULL))
    AND ($version_id IS NULL OR p.prompt_id IN (SELECT prompt_id FROM of_version WHERE prompt_id IS NOT NULL))
    AND ($min_length IS NULL OR p.prompt_length >= $min_length)
    AND ($max_length IS NULL OR p.prompt_length <= $max_length)
    AND ($min_reactions IS NULL OR p.best_reactions >= $min_reactions);
