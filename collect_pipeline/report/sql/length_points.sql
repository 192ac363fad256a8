SELECT quantile_disc(prompt_length, 0.5) AS median, quantile_disc(prompt_length, 0.95) AS nearly_all,
    max(prompt_length) AS longest
FROM scoped_prompts;
