CREATE TABLE t (n BIGINT) WITH ('connector' = 'example', 'number-of-rows' = '3');
SELECT n FROM t;
