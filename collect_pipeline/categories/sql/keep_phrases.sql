-- The taxonomy is the one that taxonomy_phrases was made from: new_phrases and changed_forms without spelling anything.
CREATE OR REPLACE TEMP TABLE new_phrases AS
FROM taxonomy_phrases;

CREATE OR REPLACE TEMP TABLE changed_forms AS
SELECT form FROM taxonomy_phrases LIMIT 0;
