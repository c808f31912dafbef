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
      FROM (
        SELECT
          CAST("Ordered At" AS DATE) AS "date",
          NULLIF(CAST("SKU" AS TEXT) COLLATE "C", '') AS "sku",
          NULLIF(CAST("select" AS TEXT) COLLATE "C", '') AS "region",
          NULLIF(CAST("Channel" AS TEXT) COLLATE "C", '') AS "channel",
          NULLIF(CAST("customer" AS TEXT) COLLATE "C", '') AS "customer_id",
          CAST(NULLIF(NULLIF(NULLIF("qty", 'NaN'), 'Infinity'), '-Infinity') AS DOUBLE PRECISION) AS "qty",
          CAST(NULLIF(NULLIF(NULLIF("Unit ""price""", 'NaN'), 'Infinity'), '-Infinity') AS DECIMAL(18, 4)) AS "price",
          CAST(NULLIF(NULLIF(NULLIF("revenue", 'NaN'), 'Infinity'), '-Infinity') AS DECIMAL(18, 4)) AS "revenue"
        FROM "shop"."The orders"
      ) AS t0
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
    (
      PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY
        "t11"."v0" ASC) + PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY
        "t11"."v0" DESC NULLS LAST)
    ) * 0.5 AS "v0"
  FROM (
    SELECT
      "t8"."atom",
      "t8"."v0",
      "t10"."window"
    FROM (
      SELECT
        CASE WHEN "t0"."date" < MAKE_DATE(2025, 3, 1) THEN 20120 ELSE 20148 END AS "atom",
        CAST(CAST(CASE
          WHEN ABS("t0"."qty") < 1e+19
          THEN "t0"."qty"
          ELSE CAST(NULL AS DOUBLE PRECISION)
        END AS DECIMAL(28, 8)) AS DECIMAL(38, 8)) * "t0"."price" AS "v0"
      FROM (
        SELECT
          CAST("Ordered At" AS DATE) AS "date",
          NULLIF(CAST("SKU" AS TEXT) COLLATE "C", '') AS "sku",
          NULLIF(CAST("select" AS TEXT) COLLATE "C", '') AS "region",
          NULLIF(CAST("Channel" AS TEXT) COLLATE "C", '') AS "channel",
          NULLIF(CAST("customer" AS TEXT) COLLATE "C", '') AS "customer_id",
          CAST(NULLIF(NULLIF(NULLIF("qty", 'NaN'), 'Infinity'), '-Infinity') AS DOUBLE PRECISION) AS "qty",
          CAST(NULLIF(NULLIF(NULLIF("Unit ""price""", 'NaN'), 'Infinity'), '-Infinity') AS DECIMAL(18, 4)) AS "price",
          CAST(NULLIF(NULLIF(NULLIF("revenue", 'NaN'), 'Infinity'), '-Infinity') AS DECIMAL(18, 4)) AS "revenue"
        FROM "shop"."The orders"
      ) AS t0
      WHERE
        "t0"."date" BETWEEN MAKE_DATE(2025, 2, 1) AND MAKE_DATE(2025, 3, 31)
    ) AS "t8"
    INNER JOIN (
      SELECT
        "t6"."atom",
        "t7"."window"
      FROM (
        SELECT
          CAST(SPLIT_PART("t1"."row", ':', 1) AS BIGINT) AS "atom"
        FROM (
          SELECT
            UNNEST(STRING_TO_ARRAY('20120,20148', ',')) AS "row"
        ) AS "t1"
      ) AS "t6"
      INNER JOIN (
        SELECT
          CAST(SPLIT_PART("t2"."row", ':', 1) AS BIGINT) AS "window",
          CAST(SPLIT_PART("t2"."row", ':', 2) AS BIGINT) AS "start",
          CAST(SPLIT_PART("t2"."row", ':', 3) AS BIGINT) AS "end"
        FROM (
          SELECT
            UNNEST(STRING_TO_ARRAY('0:20120:20147,1:20148:20178,2:20120:20178', ',')) AS "row"
        ) AS "t2"
      ) AS "t7"
        ON "t6"."atom" >= "t7"."start" AND "t6"."atom" <= "t7"."end"
    ) AS "t10"
      ON "t8"."atom" = "t10"."atom"
  ) AS "t11"
  GROUP BY
    1
) AS "t12"
