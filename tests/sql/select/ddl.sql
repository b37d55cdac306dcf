-- CREATE, DROP, SHOW, DESCRIBE: what the catalog answers.
CREATE TABLE t (a INT NOT NULL, b DECIMAL(10, 2) COMMENT 'the ''price''', c AS a * (a + 1) - -1, ts TIMESTAMP(3), `odd name` ROW<x INT, y ARRAY<STRING>>,
  m MAP<STRING, INT>, up AS UPPER(CAST(a AS STRING)), WATERMARK FOR ts AS ts - INTERVAL '1' MINUTE, PRIMARY KEY (a) NOT ENFORCED)
  COMMENT 'a table' WITH ('connector' = 'datagen', 'number-of-rows' = '1');
DESCRIBE t;
SHOW CREATE TABLE t;
CREATE TABLE IF NOT EXISTS t (x INT) WITH ('connector' = 'blackhole');
DESC t;
CREATE VIEW v AS SELECT a, c + 1 AS d FROM t;
CREATE TEMPORARY VIEW w (x, y) AS SELECT d, a FROM v;
SHOW TABLES;
SHOW VIEWS;
DESCRIBE v;
CREATE TABLE l WITH ('number-of-rows' = '2') LIKE t;
SHOW CREATE TABLE l;
DROP VIEW w;
DROP TEMPORARY VIEW w;
DROP TABLE default_catalog.default_database.l;
SHOW TABLES;
USE CATALOG default_catalog;
USE default_database;
SHOW CURRENT DATABASE;
CREATE TABLE p (a INT, b STRING) PARTITIONED BY (b) WITH ('connector' = 'filesystem', 'path' = '/nowhere', 'format' = 'json');
DESCRIBE p;
