-- Ten orders a second of event time, summed per five seconds: prints one row per window.
CREATE TABLE orders (
  id BIGINT,
  amount AS CAST(10 + MOD(id, 7) AS INT),
  ts AS TO_TIMESTAMP_LTZ(1767225600000 + id * 100, 3),
  WATERMARK FOR ts AS ts
) WITH ('connector' = 'datagen', 'number-of-rows' = '200',
        'fields.id.kind' = 'sequence', 'fields.id.start' = '0', 'fields.id.end' = '199');

SELECT window_start, window_end, COUNT(*) AS orders, SUM(amount) AS total
FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' SECOND))
GROUP BY window_start, window_end;
