SELECT
  "t3"."atom",
  SUM("t3"."n") AS "n",
  SUM("t3"."n") AS "m0"
FROM (
  SELECT
    "t2"."day",
    "t2"."n",
    CASE
      WHEN "t2"."day" < MAKE_DATE(2025, 2, 1)
      THEN 20089
      ELSE CASE WHEN "t2"."day" < MAKE_DATE(2025, 3, 1) THEN 20120 ELSE 20148 END
    END AS "atom"
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
        "t0"."date" BETWEEN MAKE_DATE(2025, 1, 1) AND MAKE_DATE(2025, 3, 31)
    ) AS "t1"
    GROUP BY
      1
  ) AS "t2"
) AS "t3"
GROUP BY
  1;

WITH "active" AS (
  SELECT
    "t12"."atom",
    "t12"."entity"
  FROM (
    SELECT
      CASE
        WHEN "t1"."date" < MAKE_DATE(2025, 2, 1)
        THEN 20089
        ELSE CASE WHEN "t1"."date" < MAKE_DATE(2025, 3, 1) THEN 20120 ELSE 20148 END
      END AS "atom",
      "t1"."customer_id" AS "entity",
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
        "t0"."date" BETWEEN MAKE_DATE(2025, 1, 1) AND MAKE_DATE(2025, 3, 31)
        AND "t0"."customer_id" IS NOT NULL
    ) AS "t1"
    GROUP BY
      1,
      2
  ) AS "t12"
)
SELECT
  *
FROM (
  SELECT
    0 AS "level",
    "t37"."window",
    "t37"."v0",
    CAST(NULL AS BIGINT) AS "v1"
  FROM (
    SELECT
      "t35"."window",
      COUNT(*) AS "v0"
    FROM (
      SELECT
        *
      FROM (
        SELECT
          "t26"."window",
          "t24"."entity"
        FROM "active" AS "t24"
        INNER JOIN (
          SELECT
            "t13"."atom",
            "t15"."window"
          FROM (
            SELECT
              CAST(SPLIT_PART("t2"."row", ':', 1) AS BIGINT) AS "atom"
            FROM (
              SELECT
                UNNEST(STRING_TO_ARRAY('20089,20120,20148', ',')) AS "row"
            ) AS "t2"
          ) AS "t13"
          INNER JOIN (
            SELECT
              CAST(SPLIT_PART("t4"."row", ':', 1) AS BIGINT) AS "window",
              CAST(SPLIT_PART("t4"."row", ':', 2) AS BIGINT) AS "start",
              CAST(SPLIT_PART("t4"."row", ':', 3) AS BIGINT) AS "end"
            FROM (
              SELECT
                UNNEST(STRING_TO_ARRAY('0:20120:20147,1:20148:20178', ',')) AS "row"
            ) AS "t4"
          ) AS "t15"
            ON "t13"."atom" >= "t15"."start" AND "t13"."atom" <= "t15"."end"
        ) AS "t26"
          ON "t24"."atom" = "t26"."atom"
      ) AS "t29"
      UNION ALL
      SELECT
        *
      FROM (
        SELECT
          "t33"."window",
          "t33"."entity"
        FROM (
          SELECT
            "t30"."window",
            "t30"."entity",
            COUNT(*) AS "n"
          FROM (
            SELECT
              "t24"."atom",
              "t24"."entity",
              "t27"."window"
            FROM "active" AS "t24"
            INNER JOIN (
              SELECT
                "t13"."atom",
                "t16"."window"
              FROM (
                SELECT
                  CAST(SPLIT_PART("t2"."row", ':', 1) AS BIGINT) AS "atom"
                FROM (
                  SELECT
                    UNNEST(STRING_TO_ARRAY('20089,20120,20148', ',')) AS "row"
                ) AS "t2"
              ) AS "t13"
              INNER JOIN (
                SELECT
                  CAST(SPLIT_PART("t5"."row", ':', 1) AS BIGINT) AS "window",
                  CAST(SPLIT_PART("t5"."row", ':', 2) AS BIGINT) AS "start",
                  CAST(SPLIT_PART("t5"."row", ':', 3) AS BIGINT) AS "end"
                FROM (
                  SELECT
                    UNNEST(STRING_TO_ARRAY('2:20120:20178', ',')) AS "row"
                ) AS "t5"
              ) AS "t16"
                ON "t13"."atom" >= "t16"."start" AND "t13"."atom" <= "t16"."end"
            ) AS "t27"
              ON "t24"."atom" = "t27"."atom"
          ) AS "t30"
          GROUP BY
            1,
            2
        ) AS "t33"
      ) AS "t34"
    ) AS "t35"
    GROUP BY
      1
  ) AS "t37"
) AS "t39"
UNION ALL
SELECT
  *
FROM (
  SELECT
    0 AS "level",
    "t38"."window",
    CAST(NULL AS BIGINT) AS "v0",
    "t38"."v1"
  FROM (
    SELECT
      "t36"."window",
      COUNT(*) AS "v1"
    FROM (
      SELECT
        "t25"."window",
        "t24"."entity"
      FROM "active" AS "t24"
      INNER JOIN (
        SELECT
          "t13"."atom",
          "t14"."window"
        FROM (
          SELECT
            CAST(SPLIT_PART("t2"."row", ':', 1) AS BIGINT) AS "atom"
          FROM (
            SELECT
              UNNEST(STRING_TO_ARRAY('20089,20120,20148', ',')) AS "row"
          ) AS "t2"
        ) AS "t13"
        INNER JOIN (
          SELECT
            CAST(SPLIT_PART("t3"."row", ':', 1) AS BIGINT) AS "window",
            CAST(SPLIT_PART("t3"."row", ':', 2) AS BIGINT) AS "start",
            CAST(SPLIT_PART("t3"."row", ':', 3) AS BIGINT) AS "end"
          FROM (
            SELECT
              UNNEST(STRING_TO_ARRAY('3:20089:20119', ',')) AS "row"
          ) AS "t3"
        ) AS "t14"
          ON "t13"."atom" >= "t14"."start" AND "t13"."atom" <= "t14"."end"
      ) AS "t25"
        ON "t24"."atom" = "t25"."atom"
      WHERE
        NOT EXISTS(
          SELECT
            1
          FROM (
            SELECT
              "t28"."window" AS "then",
              "t24"."entity" AS "who"
            FROM "active" AS "t24"
            INNER JOIN (
              SELECT
                "t13"."atom",
                "t17"."window"
              FROM (
                SELECT
                  CAST(SPLIT_PART("t2"."row", ':', 1) AS BIGINT) AS "atom"
                FROM (
                  SELECT
                    UNNEST(STRING_TO_ARRAY('20089,20120,20148', ',')) AS "row"
                ) AS "t2"
              ) AS "t13"
              INNER JOIN (
                SELECT
                  CAST(SPLIT_PART("t6"."row", ':', 1) AS BIGINT) AS "window",
                  CAST(SPLIT_PART("t6"."row", ':', 2) AS BIGINT) AS "start",
                  CAST(SPLIT_PART("t6"."row", ':', 3) AS BIGINT) AS "end"
                FROM (
                  SELECT
                    UNNEST(STRING_TO_ARRAY('3:20120:20147', ',')) AS "row"
                ) AS "t6"
              ) AS "t17"
                ON "t13"."atom" >= "t17"."start" AND "t13"."atom" <= "t17"."end"
            ) AS "t28"
              ON "t24"."atom" = "t28"."atom"
          ) AS "t32"
          WHERE
            "t25"."window" = "t32"."then" AND "t24"."entity" = "t32"."who"
        )
    ) AS "t36"
    GROUP BY
      1
  ) AS "t38"
) AS "t40"
