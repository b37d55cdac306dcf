-- What INSERT converts, fills and refuses; read back from the files it wrote.
CREATE TABLE wide (a TINYINT, b SMALLINT, c INT, d BIGINT, e FLOAT, f DOUBLE, g DECIMAL(10, 2), s STRING, c5 CHAR(5), dt DATE, ts TIMESTAMP(3), ok BOOLEAN)
  WITH ('connector' = 'filesystem', 'path' = '${dir}/wide', 'format' = 'csv');
INSERT INTO wide VALUES (CAST(1 AS TINYINT), CAST(2 AS TINYINT), CAST(3 AS SMALLINT), 4, CAST(5 AS FLOAT), 6.5, 7, 'text', 'ab', DATE '2026-01-02', TIMESTAMP '2026-01-02 03:04:05.678', TRUE);
SELECT * FROM wide;
CREATE TABLE narrow (k BIGINT, v STRING, n INT NOT NULL) WITH ('connector' = 'filesystem', 'path' = '${dir}/narrow', 'format' = 'json');
INSERT INTO narrow (n, k) VALUES (1, 2), (3, 4);
INSERT INTO narrow SELECT k + 10, CAST(n AS STRING), n FROM (SELECT k, n FROM narrow);
SELECT k, v, n FROM narrow WHERE v IS NOT NULL;
INSERT INTO narrow SELECT 1, 'x', n FROM (VALUES (5), (CAST(NULL AS INT))) AS t (n);
INSERT INTO narrow (k, n) SELECT 1, 'x';
INSERT INTO narrow SELECT 1, 'x';
INSERT INTO wide SELECT * FROM narrow;
INSERT INTO narrow SELECT 1.5, 'x', 2;
INSERT INTO narrow SELECT CAST(3000000000 AS BIGINT), DATE '2026-01-01', 2;
SET 'table.exec.sink.not-null-enforcer' = 'DROP';
CREATE TABLE dropping (n INT NOT NULL) WITH ('connector' = 'filesystem', 'path' = '${dir}/dropping', 'format' = 'csv');
INSERT INTO dropping SELECT n FROM (VALUES (5), (CAST(NULL AS INT)), (6)) AS t (n);
SELECT SUM(n) FROM dropping;
RESET 'table.exec.sink.not-null-enforcer';
DROP TABLE dropping;
