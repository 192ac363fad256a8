SELECT least(prompt_length // $width, $bins) * $width AS at_least, count(*) AS prompts
FROM scoped_prompts
GROUP BY at_least
ORDER BY at_least;
