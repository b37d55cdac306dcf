-- Delays per airport and day, over a stream of flights that arrive up to 30 minutes out of order.
SET 'table.exec.source.idle-timeout' = '1 s';

CREATE TABLE flights (
  `date` STRING,
  delay INT,
  distance INT,
  origin STRING,
  destination STRING,
  departure AS TO_TIMESTAMP(`date`, 'yyyy/MM/dd HH:mm'),
  WATERMARK FOR departure AS departure - INTERVAL '30' MINUTE
) WITH (
  'connector' = 'filesystem',
  'path' = '${flights:input}',
  'source.monitor-interval' = '200 ms',
  'format' = 'json'
);

CREATE TABLE delays (
  `day` TIMESTAMP(3),
  origin STRING,
  flights BIGINT,
  delayed BIGINT,
  total_delay INT,
  worst INT,
  average_distance DOUBLE
) WITH (
  'connector' = 'filesystem',
  'path' = '${flights:output}',
  'format' = 'json'
);

INSERT INTO delays
SELECT window_start, origin, COUNT(*), SUM(CASE WHEN delay > 15 THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END),
  SUM(delay), MAX(delay), AVG(CAST(distance AS DOUBLE))
FROM TABLE(TUMBLE(TABLE flights, DESCRIPTOR(departure), INTERVAL '1' DAY))
GROUP BY window_start, window_end, origin;
