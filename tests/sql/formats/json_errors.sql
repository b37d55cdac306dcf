CREATE TABLE strict (id INT, ts TIMESTAMP(3)) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/broken.json', 'format' = 'json',
  'json.timestamp-format.standard' = 'ISO-8601');
SELECT * FROM strict;
CREATE TABLE lenient (id INT, ts TIMESTAMP(3)) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/broken.json', 'format' = 'json',
  'json.timestamp-format.standard' = 'ISO-8601', 'json.ignore-parse-errors' = 'true');
SELECT * FROM lenient;
