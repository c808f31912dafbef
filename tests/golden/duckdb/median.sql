SELECT
  "t3"."atom",
  SUM("t3"."n") AS "n",
  SUM("t3"."n") AS "m0"
FROM (
  SELECT
    "t2"."day",
    "t2"."n",
    CASE WHEN "t2"."day" < MAKE_DATE(2025, 3, 1) THEN 20120 ELSE 20148 END AS "atom"
  FROM (
    SELECT
      "t1"."date" AS "day",
      COUNT(*) AS "n"
    FROM (
      SELECT
        *
      FROM "orders" AS "t0"
      WHERE
        "t0"."date" BETWEEN MAKE_DATE(2025, 2, 1) AND MAKE_DATE(2025, 3, 31)
    ) AS "t1"
    GROUP BY
      1
  ) AS "t2"
) AS "t3"
GROUP BY
  1;

SELECT
  0 AS "level",
  "t12"."window",
  "t12"."v0"
FROM (
  SELECT
    "t11"."window",
    QUANTILE_CONT("t11"."v0", 0.5) AS "v0"
  FROM (
    SELECT
      "t8"."atom",
      "t8"."v0",
      "t10"."window"
    FROM (
      SELECT
        CASE WHEN "t0"."date" < MAKE_DATE(2025, 3, 1) THEN 20120 ELSE 20148 END AS "atom",
        CASE
          WHEN (
            "t0"."qty" = CAST(ROUND("t0"."qty", 4) AS DOUBLE)
          )
          AND (
            ABS("t0"."qty") < 10000000000000.0
          )
          AND (
            ABS("t0"."qty" * CAST("t0"."price" AS DOUBLE)) < 9000000000.0
          )
          THEN CAST(CAST("t0"."qty" AS DECIMAL(18, 4)) * "t0"."price" AS DECIMAL(38, 8))
          ELSE CAST(CAST(CASE WHEN ABS("t0"."qty") < 1e+19 THEN "t0"."qty" ELSE CAST(NULL AS DOUBLE) END AS DECIMAL(28, 8)) AS DECIMAL(38, 8)) * "t0"."price"
        END AS "v0"
      FROM "orders" AS "t0"
      WHERE
        "t0"."date" BETWEEN MAKE_DATE(2025, 2, 1) AND MAKE_DATE(2025, 3, 31)
    ) AS "t8"
    INNER JOIN (
      SELECT
        "t5"."atom",
        "t6"."window"
      FROM (
        SELECT
          CAST(SPLIT_PART("t1"."row", ':', 1) AS BIGINT) AS "atom"
        FROM (
          SELECT
            UNNEST(STR_SPLIT('20120,20148', ',')) AS "row"
        ) AS "t1"
      ) AS "t5"
      INNER JOIN (
        SELECT
          CAST(SPLIT_PART("t2"."row", ':', 1) AS BIGINT) AS "window",
          CAST(SPLIT_PART("t2"."row", ':', 2) AS BIGINT) AS "start",
          CAST(SPLIT_PART("t2"."row", ':', 3) AS BIGINT) AS "end"
        FROM (
          SELECT
            UNNEST(STR_SPLIT('0:20120:20147,1:20148:20178,2:20120:20178', ',')) AS "row"
        ) AS "t2"
      ) AS "t6"
        ON "t5"."atom" >= "t6"."start" AND "t5"."atom" <= "t6"."end"
    ) AS "t10"
      ON "t8"."atom" = "t10"."atom"
  ) AS "t11"
  GROUP BY
    1
) AS "t12"
