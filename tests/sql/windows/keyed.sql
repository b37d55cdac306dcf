-- Which key of a closing window comes first is open: compared sorted (keyed.final.out).
CREATE TABLE bids (id INT, item STRING, bidder STRING, price DECIMAL(10, 2), ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND)
  WITH ('connector' = 'filesystem', 'path' = '${dir}/data/bids.csv', 'format' = 'csv', 'csv.null-literal' = '');
SELECT window_start, item, COUNT(*), SUM(price) FROM TABLE(TUMBLE(TABLE bids, DESCRIPTOR(ts), INTERVAL '10' SECOND))
  GROUP BY window_start, window_end, item;
SELECT bidder, window_start, window_end, MAX(price), MIN(item) FROM TABLE(HOP(TABLE bids, DESCRIPTOR(ts), INTERVAL '10' SECOND, INTERVAL '30' SECOND))
  GROUP BY bidder, window_start, window_end;
SELECT window_start, COUNT(*) FROM (
  SELECT window_start, window_end, window_time AS wt, item, COUNT(*) AS n FROM TABLE(TUMBLE(TABLE bids, DESCRIPTOR(ts), INTERVAL '10' SECOND))
  GROUP BY window_start, window_end, window_time, item) GROUP BY window_start;
