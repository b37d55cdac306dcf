CREATE TABLE t (n BIGINT) WITH ('connector' = 'sample', 'number-of-rows' = '3');
SELECT n FROM t;
