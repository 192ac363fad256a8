-- edge → node: each cluster that an edge touches, with the smallest cluster id known to be connected to it.

CREATE OR REPLACE TEMP TABLE cluster_edge AS
    WITH oriented AS (
        SELECT DISTINCT p.cluster_id AS one, q.cluster_id AS other
        FROM edge
        JOIN prompts AS p ON p.prompt_id = edge.a
        JOIN prompts AS q ON q.prompt_id = edge.b
        WHERE p.cluster_id <> q.cluster_id
    )
    SELECT one, other FROM oriented UNION SELECT other, one FROM oriented;

CREATE OR REPLACE TEMP TABLE node AS
    SELECT DISTINCT one AS cluster_id, one AS root FROM cluster_edge;
