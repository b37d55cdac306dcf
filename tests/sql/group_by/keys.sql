-- Keys that are expressions, aggregates in expressions, FILTER and DISTINCT, groups of groups.
CREATE TABLE bids (id INT, item STRING, bidder STRING, price DECIMAL(10, 2), ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND)
  WITH ('connector' = 'filesystem', 'path' = '${dir}/data/bids.csv', 'format' = 'csv', 'csv.null-literal' = '');
SELECT MOD(id, 3), COUNT(*) FROM bids GROUP BY MOD(id, 3);
SELECT MOD(id, 3) + 1, SUM(id) * 2 + COUNT(*) FROM bids GROUP BY MOD(id, 3) HAVING SUM(id) > 5;
SELECT UPPER(item), item FROM bids GROUP BY item;
SELECT COUNT(*) FILTER (WHERE price > 1), SUM(id) FILTER (WHERE item = 'pear'), COUNT(DISTINCT item), COUNT(DISTINCT price) FILTER (WHERE id > 3) FROM bids;
SELECT bidder, SUM(DISTINCT id), AVG(DISTINCT price), MIN(DISTINCT id) FROM bids GROUP BY bidder;
SELECT COUNT(item), COUNT(*), COUNT(1), COUNT(price) FROM bids;
SELECT item FROM (SELECT item, COUNT(*) AS n FROM bids GROUP BY item);
SELECT CASE WHEN item = 'pear' THEN 'p' ELSE 'o' END AS k, MIN(ts), MAX(ts), MIN(bidder) FROM bids GROUP BY CASE WHEN item = 'pear' THEN 'p' ELSE 'o' END;
SELECT a.item, a.item || '!' FROM bids AS a GROUP BY a.item;
SELECT 1, 'x' FROM bids GROUP BY item;
SELECT COUNT(*) FROM bids GROUP BY item, bidder HAVING bidder = 'alice';
SELECT SUM(CAST(id AS TINYINT)), SUM(CAST(id AS SMALLINT)), SUM(CAST(id AS BIGINT)), SUM(CAST(id AS FLOAT)), SUM(CAST(id AS DOUBLE)), AVG(CAST(id AS DOUBLE)), AVG(CAST(id AS SMALLINT)) FROM bids;
