CREATE TABLE bids (id INT, item STRING, bidder STRING, price DECIMAL(10, 2), ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND)
  WITH ('connector' = 'filesystem', 'path' = '${dir}/data/bids.csv', 'format' = 'csv', 'csv.null-literal' = '');
SELECT item, bidder, COUNT(*), SUM(price) FROM bids GROUP BY ROLLUP (item, bidder);
SELECT item, bidder, MOD(id, 2), COUNT(DISTINCT id) FROM bids WHERE id < 8 GROUP BY CUBE (item, bidder), MOD(id, 2);
SELECT item, MAX(item), COUNT(*) FILTER (WHERE price > 1) FROM bids GROUP BY GROUPING SETS (item, ()) HAVING COUNT(*) > 1;
SELECT bidder, SUM(n) FROM (SELECT item, bidder, COUNT(*) AS n FROM bids GROUP BY item, bidder) GROUP BY GROUPING SETS ((bidder), ());
SELECT item, COUNT(*) FROM bids GROUP BY GROUPING SETS ((item));
SELECT COUNT(*) FROM bids GROUP BY ();
