CREATE TABLE bids (id INT, item STRING, bidder STRING, price DECIMAL(10, 2), ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND)
  WITH ('connector' = 'filesystem', 'path' = '${dir}/data/bids.csv', 'format' = 'csv', 'csv.null-literal' = '');
SELECT item, COUNT(*), SUM(price), MIN(price), MAX(price), AVG(price) FROM bids GROUP BY item;
SELECT COUNT(*), COUNT(price), SUM(id), AVG(id) FROM bids;
SELECT item, COUNT(*) FROM bids WHERE price > 1 GROUP BY item HAVING COUNT(*) > 1;
SELECT bidder, item, MAX(ts) FROM bids GROUP BY bidder, item;
SELECT n, COUNT(*) FROM (SELECT bidder, COUNT(*) AS n FROM bids GROUP BY bidder) GROUP BY n;
SELECT MAX(total), MIN(total) FROM (SELECT item, SUM(price) AS total FROM bids GROUP BY item);
SELECT item, total * 2 FROM (SELECT item, SUM(price) AS total FROM bids GROUP BY item) WHERE total > 3;
SELECT DISTINCT bidder FROM bids;
SELECT SUM(id) FROM bids WHERE FALSE;
