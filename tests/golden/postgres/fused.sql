SELECT
  "t9"."atom",
  "t9"."by0",
  SUM("t9"."n") AS "n",
  SUM("t9"."m0") AS "m0",
  SUM("t9"."s1") AS "s1",
  SUM("t9"."m2") AS "m2",
  SUM("t9"."s2") AS "s2",
  SUM("t9"."c3") AS "c3",
  MAX("t9"."day") FILTER(WHERE
    "t9"."c3" > 0) AS "ld3",
  (
    ARRAY_AGG("t9"."s3" ORDER BY "t9"."day" DESC NULLS LAST) FILTER(WHERE
      "t9"."day" IS NOT NULL AND "t9"."c3" > 0)
  )[1] AS "lv3",
  SUM("t9"."s3") AS "s3"
FROM (
  SELECT
    "t8"."by0",
    "t8"."day",
    "t8"."n",
    "t8"."m0",
    "t8"."s1",
    "t8"."m2",
    "t8"."s2",
    "t8"."c3",
    "t8"."s3",
    CASE WHEN "t8"."day" < MAKE_DATE(2025, 3, 1) THEN 20120 ELSE 20148 END AS "atom"
  FROM (
    SELECT
      "t7"."region" AS "by0",
      "t7"."date" AS "day",
      COUNT(*) AS "n",
      COUNT(*) AS "m0",
      SUM("t7"."revenue") AS "s1",
      COUNT(*) FILTER(WHERE
        "t7"."catalogue__category" = 'Tea') AS "m2",
      SUM("t7"."revenue") FILTER(WHERE
        "t7"."catalogue__category" = 'Tea') AS "s2",
      COUNT("t7"."price") AS "c3",
      SUM("t7"."price") AS "s3"
    FROM (
      SELECT
        *
      FROM (
        SELECT
          "t5"."date",
          "t5"."sku",
          "t5"."region",
          "t5"."channel",
          "t5"."customer_id",
          "t5"."qty",
          "t5"."price",
          "t5"."revenue",
          "t5"."catalogue__category"
        FROM (
          SELECT
            "t2"."date",
            "t2"."sku",
            "t2"."region",
            "t2"."channel",
            "t2"."customer_id",
            "t2"."qty",
            "t2"."price",
            "t2"."revenue",
            "t4"."__catalogue",
            "t4"."catalogue__category"
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
          ) AS t2
          LEFT OUTER JOIN (
            SELECT
              "t1"."sku_id" AS "__catalogue",
              "t1"."category" AS "catalogue__category"
            FROM (
              SELECT
                NULLIF(CAST("id" AS TEXT) COLLATE "C", '') AS "sku_id",
                NULLIF(CAST("category" AS TEXT) COLLATE "C", '') AS "category",
                CAST(NULLIF(NULLIF(NULLIF("cost", 'NaN'), 'Infinity'), '-Infinity') AS DECIMAL(18, 4)) AS "cost"
              FROM "shop"."The catalogue"
            ) AS t1
          ) AS "t4"
            ON "t2"."sku" = "t4"."__catalogue"
        ) AS "t5"
      ) AS "t6"
      WHERE
        "t6"."date" BETWEEN MAKE_DATE(2025, 2, 1) AND MAKE_DATE(2025, 3, 31)
    ) AS "t7"
    GROUP BY
      1,
      2
  ) AS "t8"
) AS "t9"
GROUP BY
  1,
  2
