CREATE TABLE bids (id INT, item STRING, bidder STRING, price DECIMAL(10, 2), ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND)
  WITH ('connector' = 'filesystem', 'path' = '${dir}/data/bids.csv', 'format' = 'csv', 'csv.null-literal' = '');
SELECT * FROM bids;
SELECT id, price * 2 AS twice, UPPER(item) FROM bids WHERE price > 1.4 AND item <> 'plum';
SELECT id FROM bids WHERE item IN ('pear', 'plum') OR bidder LIKE 'c%';
SELECT id FROM bids WHERE price BETWEEN 1 AND 2 AND item IS NOT NULL;
SELECT b.id, b.ts FROM bids AS b WHERE b.ts >= TIMESTAMP '2026-01-01 00:00:30';
CREATE VIEW dear AS SELECT id, price FROM bids WHERE price >= 2;
SELECT id + 100 FROM dear WHERE id < 10;
SELECT x.id FROM (SELECT id, price FROM bids WHERE id > 5) AS x WHERE x.price IS NOT NULL;
SELECT id FROM bids WHERE FALSE;
WITH small AS (SELECT id FROM bids WHERE price < 1) SELECT * FROM small;
