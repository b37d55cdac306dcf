CREATE TABLE bids (id INT, item STRING, bidder STRING, price DECIMAL(10, 2), bid_time STRING,
  ts AS TO_TIMESTAMP(bid_time), cents AS CAST(price * 100 AS INT), WATERMARK FOR ts AS ts - INTERVAL '5' SECOND)
  WITH ('connector' = 'filesystem', 'path' = '${dir}/data/bids.csv', 'format' = 'csv', 'csv.null-literal' = '');
SELECT id, ts, cents FROM bids WHERE cents > 150;
SELECT window_start, COUNT(*) FROM TABLE(TUMBLE(TABLE bids, DESCRIPTOR(ts), INTERVAL '30' SECOND)) GROUP BY window_start, window_end;
