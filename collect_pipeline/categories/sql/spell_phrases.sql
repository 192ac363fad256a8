-- From given_phrases(phrase, categories, nsfw_level, scope) to new_phrases: the taxonomy in the form that is compared, a
-- row for each category. Spellings that come to the same form ("close-up", "close up") are one phrase.
CREATE OR REPLACE TEMP TABLE new_phrases AS
SELECT form_of(phrase) AS form, min(phrase) AS phrase, category,
    arg_max(nsfw_level, list_position(['suggestive', 'mature', 'explicit'], nsfw_level))
        FILTER (category = 'nsfw') AS nsfw_level,
    min(scope) AS scope
FROM (SELECT phrase, unnest(categories) AS category, nsfw_level, scope FROM given_phrases)
GROUP BY form, category;
