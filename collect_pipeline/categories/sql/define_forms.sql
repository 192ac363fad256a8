-- form_of(text): match_form, cheaper. Plain words with one space between them are in that form already; two or three
-- letters may be a face.
CREATE OR REPLACE TEMP MACRO form_of(text) AS
    CASE WHEN length(text) > 3 AND regexp_full_match(text, '[a-z0-9]+(?: [a-z0-9]+)*') THEN text
        ELSE match_form(text)
    END;
