SELECT
  "t9"."atom",
  "t9"."by0",
  "t9"."by1",
  SUM("t9"."n") AS "n",
  SUM("t9"."n") AS "m0"
FROM (
  SELECT
    "t8"."by0",
    "t8"."by1",
    "t8"."day",
    "t8"."n",
    CASE WHEN "t8"."day" < MAKE_DATE(2025, 3, 1) THEN 20120 ELSE 20148 END AS "atom"
  FROM (
    SELECT
      "t7"."region" AS "by0",
      "t7"."catalogue__category" AS "by1",
      "t7"."date" AS "day",
      COUNT(*) AS "n"
    FROM (
      SELECT
        *
      FROM (
        SELECT
          "t5".*
          EXCLUDE ("__catalogue")
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
            "t2"."_vintage",
            "t2"."_sheet",
            "t2"."_row",
            "t4"."__catalogue",
            "t4"."catalogue__category"
          FROM "orders" AS "t2"
          LEFT OUTER JOIN (
            SELECT
              "t1"."sku_id" AS "__catalogue",
              "t1"."category" AS "catalogue__category"
            FROM "catalogue" AS "t1"
          ) AS "t4"
            ON "t2"."sku" = "t4"."__catalogue"
        ) AS "t5"
      ) AS "t6"
      WHERE
        "t6"."date" BETWEEN MAKE_DATE(2025, 2, 1) AND MAKE_DATE(2025, 3, 31)
    ) AS "t7"
    GROUP BY
      1,
      2,
      3
  ) AS "t8"
) AS "t9"
GROUP BY
  1,
  2,
  3;

SELECT
  CASE WHEN "t14"."day" < MAKE_DATE(2025, 3, 1) THEN 20120 ELSE 20148 END AS "atom",
  "t14"."by0",
  "t14"."by1",
  COUNT(*) AS "v0"
FROM (
  SELECT
    "t13"."__day" AS "day",
    "t13"."region" AS "by0",
    "t13"."catalogue__category" AS "by1"
  FROM (
    SELECT
      "t12"."date",
      "t12"."sku",
      "t12"."region",
      "t12"."channel",
      "t12"."customer_id",
      "t12"."qty",
      "t12"."price",
      "t12"."revenue",
      "t12"."_vintage",
      "t12"."_sheet",
      "t12"."_row",
      "t12"."catalogue__category",
      "t12"."__entity",
      "t12"."__day",
      ROW_NUMBER() OVER (
        PARTITION BY "t12"."customer_id"
        ORDER BY "t12"."_vintage" ASC, "t12"."_sheet" ASC, "t12"."_row" ASC
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) - 1 AS "__rank"
    FROM (
      SELECT
        "t10"."date",
        "t10"."sku",
        "t10"."region",
        "t10"."channel",
        "t10"."customer_id",
        "t10"."qty",
        "t10"."price",
        "t10"."revenue",
        "t10"."_vintage",
        "t10"."_sheet",
        "t10"."_row",
        "t10"."catalogue__category",
        "t11"."__entity",
        "t11"."__day"
      FROM (
        SELECT
          "t7".*
          EXCLUDE ("__catalogue")
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
            "t2"."_vintage",
            "t2"."_sheet",
            "t2"."_row",
            "t5"."__catalogue",
            "t5"."catalogue__category"
          FROM "orders" AS "t2"
          LEFT OUTER JOIN (
            SELECT
              "t1"."sku_id" AS "__catalogue",
              "t1"."category" AS "catalogue__category"
            FROM "catalogue" AS "t1"
          ) AS "t5"
            ON "t2"."sku" = "t5"."__catalogue"
        ) AS "t7"
      ) AS "t10"
      INNER JOIN (
        SELECT
          "t6"."entity" AS "__entity",
          "t6"."day" AS "__day"
        FROM (
          SELECT
            "t4"."customer_id" AS "entity",
            MIN("t4"."date") AS "day"
          FROM (
            SELECT
              *
            FROM "orders" AS "t0"
            WHERE
              "t0"."customer_id" IS NOT NULL
          ) AS "t4"
          GROUP BY
            1
        ) AS "t6"
        WHERE
          "t6"."day" BETWEEN MAKE_DATE(2025, 2, 1) AND MAKE_DATE(2025, 3, 31)
      ) AS "t11"
        ON "t10"."customer_id" = "t11"."__entity" AND "t10"."date" = "t11"."__day"
    ) AS "t12"
  ) AS "t13"
  WHERE
    "t13"."__rank" = 0
) AS "t14"
GROUP BY
  1,
  2,
  3
