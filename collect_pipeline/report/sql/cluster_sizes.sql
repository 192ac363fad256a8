WITH sizes AS (
    SELECT cluster_id, count(*) AS size
    FROM scoped_prompts
    GROUP BY cluster_id
)
SELECT size, count(*) AS clusters
FROM sizes
GROUP BY size
ORDER BY size;
