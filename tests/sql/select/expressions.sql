-- What the binder composes: CASE, NULLIF, IS …, BETWEEN, IN, nested queries, names.
CREATE TABLE bids (id INT, item STRING, bidder STRING, price DECIMAL(10, 2), ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND)
  WITH ('connector' = 'filesystem', 'path' = '${dir}/data/bids.csv', 'format' = 'csv', 'csv.null-literal' = '');
SELECT id, CASE WHEN price > 5 THEN 'dear' WHEN price > 1 THEN 'fair' END, CASE item WHEN 'pear' THEN 1 ELSE 0 END FROM bids;
SELECT id, NULLIF(item, 'pear'), COALESCE(price, 0), IF(price > 1, 'more', 'less'), COALESCE(item, bidder, 'none') FROM bids;
SELECT id, price IS NULL, (price > 1) IS TRUE, (price > 1) IS NOT FALSE, (price > 1) IS UNKNOWN, price IS DISTINCT FROM 1.45, price IS NOT DISTINCT FROM 0.8 FROM bids;
SELECT id FROM bids WHERE price NOT BETWEEN 1 AND 2 OR id BETWEEN SYMMETRIC 4 AND 2;
SELECT id FROM bids WHERE item NOT IN ('pear', 'fig') AND id IN (1, id + 0, 3);
SELECT id, id IN (1, NULL), 5 IN (id, 5) FROM bids WHERE id < 3;
SELECT -id, +id, - - id, -1 - -2, 7 - 2 * 3, (7 - 2) * 3, 2 * 3 % 4 FROM bids WHERE id = 3;
SELECT NOT id = 3 OR id = 4 AND FALSE, NOT (id = 3), id = 3 = TRUE FROM bids WHERE id < 4;
SELECT * FROM (SELECT id, id * 2 AS twice FROM bids) AS x WHERE twice > 6 AND id < 6;
SELECT x.*, id + 1 FROM (SELECT id FROM bids WHERE id < 3) x;
SELECT a + b, c FROM (SELECT id, id + 1, item FROM bids WHERE id < 3) AS t (a, b, c);
SELECT id, id, id + 1 AS id FROM bids WHERE id = 1;
SELECT * FROM (SELECT id, id AS n, id + 1 AS id2 FROM bids) WHERE n = 1;
WITH a AS (SELECT id FROM bids WHERE id < 4), b (k) AS (SELECT id * 10 FROM a) SELECT k FROM b WHERE k > 10;
SELECT 'it''s', 'a' || 'b' || item, U&'\00e9\0041', _UTF8'x', '' FROM bids WHERE id = 1;
SELECT DATE '2026-02-28' + INTERVAL '1' DAY, TIMESTAMP '2026-01-31 10:00:00.5' + INTERVAL '1' MONTH, INTERVAL '1 02:03:04.5' DAY TO SECOND, INTERVAL '1-6' YEAR TO MONTH, INTERVAL -'3' DAY;
SELECT CAST('12' AS BIGINT) + 1, TRY_CAST('x' AS INT), CAST(1.999 AS DECIMAL(3, 1)), CAST(TIMESTAMP '2026-01-01 10:00:00' AS DATE), CAST(12 AS STRING) || '!', CAST(NULL AS INT);
SELECT 2147483647 + 1, 2147483648, -2147483648, 99999999999999999999, 0.10, 1e3, 1.5E-2, .5, 5.;
SELECT EXTRACT(DAY FROM ts), YEAR(ts), HOUR(ts), FLOOR(ts TO MINUTE), CEIL(ts TO HOUR), TIMESTAMPADD(DAY, 1, ts), TIMESTAMPDIFF(SECOND, TIMESTAMP '2026-01-01 00:00:00', ts) FROM bids WHERE id < 3;
SELECT TRIM(BOTH 'x' FROM 'xxaxx'), TRIM(LEADING 'x' FROM 'xxaxx'), TRIM(TRAILING FROM 'a  '), TRIM('  b '), SUBSTRING('abcdef' FROM 2 FOR 3), SUBSTRING('abcdef', 3), POSITION('c' IN 'abc'), OVERLAY('abcdef' PLACING 'XX' FROM 3 FOR 2);
SELECT DISTINCT item IS NULL FROM bids;
SELECT id FROM bids WHERE id < 3 UNION SELECT id FROM bids WHERE id < 4;
VALUES (1, 'a'), (2, 'bc');
SELECT * FROM (VALUES (1, 'a', 1.5), (2, 'bc', 2)) AS t (n, s, d);
SELECT SUM(n), MAX(s) FROM (VALUES (1, 'a'), (2, 'bc'), (CAST(NULL AS INT), 'd')) AS t (n, s);
