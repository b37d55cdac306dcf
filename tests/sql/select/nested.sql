-- ROW, ARRAY and MAP columns, a TIMESTAMP_LTZ as event time, PROCTIME().
CREATE TABLE r (id INT, u ROW<name STRING, addr ROW<city STRING, zip INT>>, tags ARRAY<STRING>, m MAP<STRING, INT>, ltz TIMESTAMP_LTZ(3), pt AS PROCTIME(), WATERMARK FOR ltz AS ltz - INTERVAL '1' SECOND)
 WITH ('connector' = 'filesystem', 'path' = '${dir}/data/nested.json', 'format' = 'json');
SELECT id, u.name, u.addr.city, r.u.addr.zip, tags[1], CARDINALITY(tags), m['a'] FROM r;
SELECT u.addr.city, COUNT(*) FROM r GROUP BY u.addr.city;
SELECT u.name, COUNT(*) FROM r GROUP BY u;
SELECT u.addr.nope FROM r;
SELECT id.x FROM r;
SELECT window_start, window_time, COUNT(*) FROM TABLE(TUMBLE(TABLE r, DESCRIPTOR(ltz), INTERVAL '10' SECOND)) GROUP BY window_start, window_end, window_time;
SELECT pt IS NOT NULL FROM r;
SELECT MAX(ltz), MAX(id) FROM r;
SELECT id, CURRENT_WATERMARK(ltz) FROM r;
SELECT (u).name, (u.addr).city FROM r;
SELECT ROW(id, 'x'), ARRAY[id, 2], MAP['k', id] FROM r;
SELECT * FROM r /*+ OPTIONS('json.ignore-parse-errors' = 'true') */ WHERE id = 1 AND pt IS NULL;
DESCRIBE r;
