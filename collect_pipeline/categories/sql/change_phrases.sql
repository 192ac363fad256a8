-- From new_phrases to changed_forms, and the new taxonomy_phrases.
CREATE OR REPLACE TEMP TABLE changed_forms AS
SELECT DISTINCT form
FROM (
    (FROM new_phrases EXCEPT FROM taxonomy_phrases)
    UNION ALL
    (FROM taxonomy_phrases EXCEPT FROM new_phrases)
);

DELETE FROM taxonomy_phrases WHERE form IN (FROM changed_forms);

INSERT INTO taxonomy_phrases SELECT * FROM new_phrases WHERE form IN (FROM changed_forms);
