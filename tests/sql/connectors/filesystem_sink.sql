-- What an INSERT wrote is read back.
CREATE TABLE bids (id INT, item STRING, bidder STRING, price DECIMAL(10, 2), ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND)
  WITH ('connector' = 'filesystem', 'path' = '${dir}/data/bids.csv', 'format' = 'csv', 'csv.null-literal' = '');
CREATE TABLE out_json (id INT, item STRING, price DECIMAL(10, 2), ts TIMESTAMP(3)) WITH ('connector' = 'filesystem', 'path' = '${dir}/out_json', 'format' = 'json');
INSERT INTO out_json SELECT id, item, price, ts FROM bids WHERE id <> 5;
SELECT * FROM out_json WHERE id > 6;
CREATE TABLE out_csv (id INT, item STRING, price DECIMAL(10, 2)) WITH ('connector' = 'filesystem', 'path' = '${dir}/out_csv', 'format' = 'csv', 'csv.null-literal' = 'n/a');
INSERT INTO out_csv SELECT id, item, price FROM bids WHERE id BETWEEN 3 AND 6;
SELECT * FROM out_csv;
CREATE TABLE totals (item STRING, n BIGINT) WITH ('connector' = 'filesystem', 'path' = '${dir}/totals', 'format' = 'json');
INSERT INTO totals SELECT item, COUNT(*) FROM bids GROUP BY item;
CREATE TABLE nowhere (id INT) WITH ('connector' = 'blackhole');
INSERT INTO nowhere SELECT id FROM bids;
INSERT INTO nowhere (id) VALUES (1), (2);
EXECUTE STATEMENT SET BEGIN
  INSERT INTO nowhere SELECT id FROM bids;
  INSERT INTO out_csv SELECT id + 100, item, price FROM bids WHERE id = 1;
END;
SELECT COUNT(*) FROM out_csv;
