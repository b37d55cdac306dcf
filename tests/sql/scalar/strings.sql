CREATE VIEW s AS SELECT * FROM (VALUES ('raudal'), ('Río Raudal'), (''), (CAST(NULL AS STRING))) t(a);
SELECT UPPER(a), LOWER(a), CHAR_LENGTH(a), a || '!', CONCAT(a, '-', a), CONCAT_WS('/', a, 'x') FROM s;
SELECT SUBSTRING(a FROM 2 FOR 3), SUBSTRING(a, -3), LEFT(a, 2), RIGHT(a, 2), POSITION('a' IN a), REVERSE(a) FROM s;
SELECT TRIM(BOTH ' ' FROM '  x '), TRIM(LEADING 'x' FROM 'xxaxx'), LTRIM('  x '), RTRIM(' x  '), LPAD('7', 3, '0'), RPAD('7', 3, '0');
SELECT a LIKE 'r%', a LIKE '%a_d%', a NOT LIKE '%R%', a LIKE '10!%%' ESCAPE '!', a SIMILAR TO '(r|R).*' FROM s;
SELECT REPLACE(a, 'a', 'AA'), OVERLAY(a PLACING 'xx' FROM 2), SPLIT_INDEX('a,b,,c', ',', 2), REPEAT('ab', 2), INITCAP('hello world') FROM s;
SELECT REGEXP_REPLACE(a, '[aeiou]', '.'), REGEXP_EXTRACT('foothebar', 'foo(.*?)(bar)', 1), REGEXP(a, '^r') FROM s;
SELECT 'it''s', U&'\00e9', CHR(65), ASCII('A'), MD5('a'), SHA256('a'), TO_BASE64('raudal'), FROM_BASE64('cmF1ZGFs');
SELECT 'a' < 'b', 'B' < 'a', 'ä' > 'z', CAST('abc' AS VARCHAR(2)), CAST('ab' AS CHAR(4));
