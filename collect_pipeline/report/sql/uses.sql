SELECT images AS size, count(*) AS prompts
FROM scoped_prompts
GROUP BY size
ORDER BY size;
