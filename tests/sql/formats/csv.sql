CREATE TABLE t (id INT, name STRING, x DOUBLE) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/rows.csv', 'format' = 'csv',
  'csv.field-delimiter' = ';', 'csv.allow-comments' = 'true', 'csv.null-literal' = '', 'csv.ignore-parse-errors' = 'true');
SELECT * FROM t;
CREATE TABLE raw_rows (line STRING) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/rows.csv', 'format' = 'csv',
  'csv.field-delimiter' = '|', 'csv.disable-quote-character' = 'true');
SELECT line FROM raw_rows;
