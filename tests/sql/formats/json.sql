CREATE TABLE t (id INT, name STRING, ok BOOLEAN, x DOUBLE, d DATE, ts TIMESTAMP(3), r ROW<a INT, b STRING>, tags ARRAY<STRING>)
  WITH ('connector' = 'filesystem', 'path' = '${dir}/data/rows.json', 'format' = 'json');
SELECT id, name, ok, x, d, ts FROM t;
SELECT id, r, r.a, r.b, tags, tags[1], CARDINALITY(tags) FROM t;
SELECT id FROM t WHERE r.a > 3;
