-- $spelled is a table of phrases: taxonomy_phrases, or new_phrases before anything is categorized.
SELECT form, max_by(nsfw_level, list_position(['suggestive', 'mature', 'explicit'], nsfw_level)) AS nsfw_level
FROM query_table($spelled)
GROUP BY form;
