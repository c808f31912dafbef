SELECT
  "t3"."atom",
  "t3"."by0",
  "t3"."by1",
  "t3"."depth",
  SUM("t3"."n") AS "n",
  SUM("t3"."n") AS "m0",
  SUM("t3"."s1") AS "s1"
FROM (
  SELECT
    "t2"."by0",
    "t2"."by1",
    "t2"."depth",
    "t2"."day",
    "t2"."n",
    "t2"."s1",
    CASE WHEN "t2"."day" < MAKE_DATE(2025, 3, 1) THEN 20120 ELSE 20148 END AS "atom"
  FROM (
    SELECT
      CASE WHEN "t1"."__depth" > 0 THEN "t1"."region" ELSE CAST(NULL AS TEXT) END AS "by0",
      CASE WHEN "t1"."__depth" > 1 THEN "t1"."channel" ELSE CAST(NULL AS TEXT) END AS "by1",
      "t1"."__depth" AS "depth",
      "t1"."date" AS "day",
      COUNT(*) AS "n",
      SUM("t1"."revenue") AS "s1"
    FROM (
      SELECT
        "t0"."date",
        "t0"."sku",
        "t0"."region",
        "t0"."channel",
        "t0"."customer_id",
        "t0"."qty",
        "t0"."price",
        "t0"."revenue",
        "t0"."_vintage",
        "t0"."_sheet",
        "t0"."_row",
        CASE
          WHEN (
            (
              "t0"."region" = 'EMEA'
            )
            AND (
              "t0"."channel" IN ('web') OR (
                "t0"."channel" IS NULL
              )
            )
          )
          OR (
            (
              "t0"."region" = 'o''b'
            ) AND "t0"."channel" IN ('web')
          )
          OR (
            (
              "t0"."region" IS NULL
            ) AND "t0"."channel" IN ('shop')
          )
          THEN 2
          ELSE CASE
            WHEN "t0"."region" IN ('EMEA', 'o''b') OR (
              "t0"."region" IS NULL
            )
            THEN 1
            ELSE 0
          END
        END AS "__depth"
      FROM "orders" AS "t0"
      WHERE
        "t0"."date" BETWEEN MAKE_DATE(2025, 2, 1) AND MAKE_DATE(2025, 3, 31)
    ) AS "t1"
    GROUP BY
      1,
      2,
      3,
      4
  ) AS "t2"
) AS "t3"
GROUP BY
  1,
  2,
  3,
  4;

WITH "active" AS (
  SELECT
    "t14".*
    EXCLUDE ("n")
  FROM (
    SELECT
      CASE WHEN "t9"."date" < MAKE_DATE(2025, 3, 1) THEN 20120 ELSE 20148 END AS "atom",
      CASE WHEN "t9"."__depth" > 0 THEN "t9"."region" ELSE CAST(NULL AS TEXT) END AS "by0",
      CASE WHEN "t9"."__depth" > 1 THEN "t9"."channel" ELSE CAST(NULL AS TEXT) END AS "by1",
      "t9"."__depth" AS "depth",
      "t9"."customer_id" AS "entity",
      COUNT(*) AS "n"
    FROM (
      SELECT
        "t0"."date",
        "t0"."sku",
        "t0"."region",
        "t0"."channel",
        "t0"."customer_id",
        "t0"."qty",
        "t0"."price",
        "t0"."revenue",
        "t0"."_vintage",
        "t0"."_sheet",
        "t0"."_row",
        CASE
          WHEN (
            (
              "t0"."region" = 'EMEA'
            )
            AND (
              "t0"."channel" IN ('web') OR (
                "t0"."channel" IS NULL
              )
            )
          )
          OR (
            (
              "t0"."region" = 'o''b'
            ) AND "t0"."channel" IN ('web')
          )
          OR (
            (
              "t0"."region" IS NULL
            ) AND "t0"."channel" IN ('shop')
          )
          THEN 2
          ELSE CASE
            WHEN "t0"."region" IN ('EMEA', 'o''b') OR (
              "t0"."region" IS NULL
            )
            THEN 1
            ELSE 0
          END
        END AS "__depth"
      FROM "orders" AS "t0"
      WHERE
        "t0"."date" BETWEEN MAKE_DATE(2025, 2, 1) AND MAKE_DATE(2025, 3, 31)
        AND "t0"."customer_id" IS NOT NULL
    ) AS "t9"
    GROUP BY
      1,
      2,
      3,
      4,
      5
  ) AS "t14"
)
SELECT
  *
FROM (
  SELECT
    *
  FROM (
    SELECT
      0 AS "level",
      "t36"."window",
      CAST(NULL AS TEXT) AS "by0",
      CAST(NULL AS TEXT) AS "by1",
      CAST(NULL AS TINYINT) AS "depth",
      "t36"."v0"
    FROM (
      SELECT
        "t33"."window",
        COUNT(*) AS "v0"
      FROM (
        SELECT
          "t29"."window",
          "t29"."entity"
        FROM (
          SELECT
            "t27"."window",
            "t27"."entity",
            COUNT(*) AS "n"
          FROM (
            SELECT
              "t23"."atom",
              "t23"."by0",
              "t23"."by1",
              "t23"."depth",
              "t23"."entity",
              "t20"."window"
            FROM "active" AS "t23"
            INNER JOIN (
              SELECT
                "t10"."atom",
                "t12"."window"
              FROM (
                SELECT
                  CAST(SPLIT_PART("t1"."row", ':', 1) AS BIGINT) AS "atom"
                FROM (
                  SELECT
                    UNNEST(STR_SPLIT('20120,20148', ',')) AS "row"
                ) AS "t1"
              ) AS "t10"
              INNER JOIN (
                SELECT
                  CAST(SPLIT_PART("t3"."row", ':', 1) AS BIGINT) AS "window",
                  CAST(SPLIT_PART("t3"."row", ':', 2) AS BIGINT) AS "start",
                  CAST(SPLIT_PART("t3"."row", ':', 3) AS BIGINT) AS "end"
                FROM (
                  SELECT
                    UNNEST(STR_SPLIT('0:20120:20147,1:20148:20178,2:20120:20178', ',')) AS "row"
                ) AS "t3"
              ) AS "t12"
                ON "t10"."atom" >= "t12"."start" AND "t10"."atom" <= "t12"."end"
            ) AS "t20"
              ON "t23"."atom" = "t20"."atom"
          ) AS "t27"
          GROUP BY
            1,
            2
        ) AS "t29"
      ) AS "t33"
      GROUP BY
        1
    ) AS "t36"
  ) AS "t39"
  UNION ALL
  SELECT
    *
  FROM (
    SELECT
      1 AS "level",
      "t41"."window",
      "t41"."by0",
      CAST(NULL AS TEXT) AS "by1",
      CAST(NULL AS TINYINT) AS "depth",
      "t41"."v0"
    FROM (
      SELECT
        "t38"."window",
        "t38"."by0",
        COUNT(*) AS "v0"
      FROM (
        SELECT
          "t35"."window",
          "t35"."by0",
          "t35"."entity"
        FROM (
          SELECT
            "t32"."window",
            "t32"."by0",
            "t32"."entity",
            COUNT(*) AS "n"
          FROM (
            SELECT
              "t25"."atom",
              "t25"."by0",
              "t25"."by1",
              "t25"."depth",
              "t25"."entity",
              "t20"."window"
            FROM (
              SELECT
                *
              FROM "active" AS "t22"
              WHERE
                "t22"."depth" >= 1
            ) AS "t25"
            INNER JOIN (
              SELECT
                "t10"."atom",
                "t12"."window"
              FROM (
                SELECT
                  CAST(SPLIT_PART("t1"."row", ':', 1) AS BIGINT) AS "atom"
                FROM (
                  SELECT
                    UNNEST(STR_SPLIT('20120,20148', ',')) AS "row"
                ) AS "t1"
              ) AS "t10"
              INNER JOIN (
                SELECT
                  CAST(SPLIT_PART("t3"."row", ':', 1) AS BIGINT) AS "window",
                  CAST(SPLIT_PART("t3"."row", ':', 2) AS BIGINT) AS "start",
                  CAST(SPLIT_PART("t3"."row", ':', 3) AS BIGINT) AS "end"
                FROM (
                  SELECT
                    UNNEST(STR_SPLIT('0:20120:20147,1:20148:20178,2:20120:20178', ',')) AS "row"
                ) AS "t3"
              ) AS "t12"
                ON "t10"."atom" >= "t12"."start" AND "t10"."atom" <= "t12"."end"
            ) AS "t20"
              ON "t25"."atom" = "t20"."atom"
          ) AS "t32"
          GROUP BY
            1,
            2,
            3
        ) AS "t35"
      ) AS "t38"
      GROUP BY
        1,
        2
    ) AS "t41"
  ) AS "t42"
) AS "t43"
UNION ALL
SELECT
  *
FROM (
  SELECT
    2 AS "level",
    "t37"."window",
    "t37"."by0",
    "t37"."by1",
    "t37"."depth",
    "t37"."v0"
  FROM (
    SELECT
      "t34"."window",
      "t34"."by0",
      "t34"."by1",
      "t34"."depth",
      COUNT(*) AS "v0"
    FROM (
      SELECT
        *
      FROM (
        SELECT
          "t19"."window",
          "t23"."by0",
          "t23"."by1",
          "t23"."depth",
          "t23"."entity"
        FROM "active" AS "t23"
        INNER JOIN (
          SELECT
            "t10"."atom",
            "t11"."window"
          FROM (
            SELECT
              CAST(SPLIT_PART("t1"."row", ':', 1) AS BIGINT) AS "atom"
            FROM (
              SELECT
                UNNEST(STR_SPLIT('20120,20148', ',')) AS "row"
            ) AS "t1"
          ) AS "t10"
          INNER JOIN (
            SELECT
              CAST(SPLIT_PART("t2"."row", ':', 1) AS BIGINT) AS "window",
              CAST(SPLIT_PART("t2"."row", ':', 2) AS BIGINT) AS "start",
              CAST(SPLIT_PART("t2"."row", ':', 3) AS BIGINT) AS "end"
            FROM (
              SELECT
                UNNEST(STR_SPLIT('0:20120:20147,1:20148:20178', ',')) AS "row"
            ) AS "t2"
          ) AS "t11"
            ON "t10"."atom" >= "t11"."start" AND "t10"."atom" <= "t11"."end"
        ) AS "t19"
          ON "t23"."atom" = "t19"."atom"
      ) AS "t26"
      UNION ALL
      SELECT
        *
      FROM (
        SELECT
          "t30".*
          EXCLUDE ("n")
        FROM (
          SELECT
            "t28"."window",
            "t28"."by0",
            "t28"."by1",
            "t28"."depth",
            "t28"."entity",
            COUNT(*) AS "n"
          FROM (
            SELECT
              "t23"."atom",
              "t23"."by0",
              "t23"."by1",
              "t23"."depth",
              "t23"."entity",
              "t21"."window"
            FROM "active" AS "t23"
            INNER JOIN (
              SELECT
                "t10"."atom",
                "t13"."window"
              FROM (
                SELECT
                  CAST(SPLIT_PART("t1"."row", ':', 1) AS BIGINT) AS "atom"
                FROM (
                  SELECT
                    UNNEST(STR_SPLIT('20120,20148', ',')) AS "row"
                ) AS "t1"
              ) AS "t10"
              INNER JOIN (
                SELECT
                  CAST(SPLIT_PART("t4"."row", ':', 1) AS BIGINT) AS "window",
                  CAST(SPLIT_PART("t4"."row", ':', 2) AS BIGINT) AS "start",
                  CAST(SPLIT_PART("t4"."row", ':', 3) AS BIGINT) AS "end"
                FROM (
                  SELECT
                    UNNEST(STR_SPLIT('2:20120:20178', ',')) AS "row"
                ) AS "t4"
              ) AS "t13"
                ON "t10"."atom" >= "t13"."start" AND "t10"."atom" <= "t13"."end"
            ) AS "t21"
              ON "t23"."atom" = "t21"."atom"
          ) AS "t28"
          GROUP BY
            1,
            2,
            3,
            4,
            5
        ) AS "t30"
      ) AS "t31"
    ) AS "t34"
    GROUP BY
      1,
      2,
      3,
      4
  ) AS "t37"
) AS "t40";

SELECT
  CASE WHEN "t9"."day" < MAKE_DATE(2025, 3, 1) THEN 20120 ELSE 20148 END AS "atom",
  "t9"."by0",
  "t9"."by1",
  "t9"."depth",
  COUNT(*) AS "v0"
FROM (
  SELECT
    "t8"."__day" AS "day",
    CASE WHEN "t8"."__depth" > 0 THEN "t8"."region" ELSE CAST(NULL AS TEXT) END AS "by0",
    CASE WHEN "t8"."__depth" > 1 THEN "t8"."channel" ELSE CAST(NULL AS TEXT) END AS "by1",
    "t8"."__depth" AS "depth"
  FROM (
    SELECT
      "t7"."date",
      "t7"."sku",
      "t7"."region",
      "t7"."channel",
      "t7"."customer_id",
      "t7"."qty",
      "t7"."price",
      "t7"."revenue",
      "t7"."_vintage",
      "t7"."_sheet",
      "t7"."_row",
      "t7"."__entity",
      "t7"."__day",
      "t7"."__rank",
      CASE
        WHEN (
          (
            "t7"."region" = 'EMEA'
          )
          AND (
            "t7"."channel" IN ('web') OR (
              "t7"."channel" IS NULL
            )
          )
        )
        OR (
          (
            "t7"."region" = 'o''b'
          ) AND "t7"."channel" IN ('web')
        )
        OR (
          (
            "t7"."region" IS NULL
          ) AND "t7"."channel" IN ('shop')
        )
        THEN 2
        ELSE CASE
          WHEN "t7"."region" IN ('EMEA', 'o''b') OR (
            "t7"."region" IS NULL
          )
          THEN 1
          ELSE 0
        END
      END AS "__depth"
    FROM (
      SELECT
        "t6"."date",
        "t6"."sku",
        "t6"."region",
        "t6"."channel",
        "t6"."customer_id",
        "t6"."qty",
        "t6"."price",
        "t6"."revenue",
        "t6"."_vintage",
        "t6"."_sheet",
        "t6"."_row",
        "t6"."__entity",
        "t6"."__day",
        ROW_NUMBER() OVER (
          PARTITION BY "t6"."customer_id"
          ORDER BY "t6"."_vintage" ASC, "t6"."_sheet" ASC, "t6"."_row" ASC
          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) - 1 AS "__rank"
      FROM (
        SELECT
          "t1"."date",
          "t1"."sku",
          "t1"."region",
          "t1"."channel",
          "t1"."customer_id",
          "t1"."qty",
          "t1"."price",
          "t1"."revenue",
          "t1"."_vintage",
          "t1"."_sheet",
          "t1"."_row",
          "t5"."__entity",
          "t5"."__day"
        FROM "orders" AS "t1"
        INNER JOIN (
          SELECT
            "t3"."entity" AS "__entity",
            "t3"."day" AS "__day"
          FROM (
            SELECT
              "t2"."customer_id" AS "entity",
              MIN("t2"."date") AS "day"
            FROM (
              SELECT
                *
              FROM "orders" AS "t0"
              WHERE
                "t0"."customer_id" IS NOT NULL
            ) AS "t2"
            GROUP BY
              1
          ) AS "t3"
          WHERE
            "t3"."day" BETWEEN MAKE_DATE(2025, 2, 1) AND MAKE_DATE(2025, 3, 31)
        ) AS "t5"
          ON "t1"."customer_id" = "t5"."__entity" AND "t1"."date" = "t5"."__day"
      ) AS "t6"
    ) AS "t7"
    WHERE
      "t7"."__rank" = 0
  ) AS "t8"
) AS "t9"
GROUP BY
  1,
  2,
  3,
  4;

WITH "t5" AS (
  SELECT
    "t0"."date",
    "t0"."sku",
    "t0"."region",
    "t0"."channel",
    "t0"."customer_id",
    "t0"."qty",
    "t0"."price",
    "t0"."revenue",
    "t0"."_vintage",
    "t0"."_sheet",
    "t0"."_row",
    CASE
      WHEN (
        (
          "t0"."region" = 'EMEA'
        )
        AND (
          "t0"."channel" IN ('web') OR (
            "t0"."channel" IS NULL
          )
        )
      )
      OR (
        (
          "t0"."region" = 'o''b'
        ) AND "t0"."channel" IN ('web')
      )
      OR (
        (
          "t0"."region" IS NULL
        ) AND "t0"."channel" IN ('shop')
      )
      THEN 2
      ELSE CASE
        WHEN "t0"."region" IN ('EMEA', 'o''b') OR (
          "t0"."region" IS NULL
        )
        THEN 1
        ELSE 0
      END
    END AS "__depth"
  FROM "orders" AS "t0"
  WHERE
    "t0"."date" BETWEEN MAKE_DATE(2025, 2, 1) AND MAKE_DATE(2025, 3, 31)
), "t16" AS (
  SELECT
    "t14"."atom",
    "t14"."by0",
    "t14"."by1",
    "t14"."depth",
    "t14"."v0",
    "t10"."window"
  FROM (
    SELECT
      CASE WHEN "t8"."date" < MAKE_DATE(2025, 3, 1) THEN 20120 ELSE 20148 END AS "atom",
      CASE WHEN "t8"."__depth" > 0 THEN "t8"."region" ELSE CAST(NULL AS TEXT) END AS "by0",
      CASE WHEN "t8"."__depth" > 1 THEN "t8"."channel" ELSE CAST(NULL AS TEXT) END AS "by1",
      "t8"."__depth" AS "depth",
      CASE
        WHEN (
          "t8"."qty" = CAST(ROUND("t8"."qty", 4) AS DOUBLE)
        )
        AND (
          ABS("t8"."qty") < 10000000000000.0
        )
        AND (
          ABS("t8"."qty" * CAST("t8"."price" AS DOUBLE)) < 9000000000.0
        )
        THEN CAST(CAST("t8"."qty" AS DECIMAL(18, 4)) * "t8"."price" AS DECIMAL(38, 8))
        ELSE CAST(CAST(CASE WHEN ABS("t8"."qty") < 1e+19 THEN "t8"."qty" ELSE CAST(NULL AS DOUBLE) END AS DECIMAL(28, 8)) AS DECIMAL(38, 8)) * "t8"."price"
      END AS "v0"
    FROM "t5" AS "t8"
  ) AS "t14"
  INNER JOIN (
    SELECT
      "t6"."atom",
      "t7"."window"
    FROM (
      SELECT
        CAST(SPLIT_PART("t1"."row", ':', 1) AS BIGINT) AS "atom"
      FROM (
        SELECT
          UNNEST(STR_SPLIT('20120,20148', ',')) AS "row"
      ) AS "t1"
    ) AS "t6"
    INNER JOIN (
      SELECT
        CAST(SPLIT_PART("t2"."row", ':', 1) AS BIGINT) AS "window",
        CAST(SPLIT_PART("t2"."row", ':', 2) AS BIGINT) AS "start",
        CAST(SPLIT_PART("t2"."row", ':', 3) AS BIGINT) AS "end"
      FROM (
        SELECT
          UNNEST(STR_SPLIT('0:20120:20147,1:20148:20178,2:20120:20178', ',')) AS "row"
      ) AS "t2"
    ) AS "t7"
      ON "t6"."atom" >= "t7"."start" AND "t6"."atom" <= "t7"."end"
  ) AS "t10"
    ON "t14"."atom" = "t10"."atom"
)
SELECT
  *
FROM (
  SELECT
    *
  FROM (
    SELECT
      0 AS "level",
      "t20"."window",
      CAST(NULL AS TEXT) AS "by0",
      CAST(NULL AS TEXT) AS "by1",
      CAST(NULL AS TINYINT) AS "depth",
      "t20"."v0"
    FROM (
      SELECT
        "t17"."window",
        QUANTILE_CONT("t17"."v0", 0.5) AS "v0"
      FROM "t16" AS "t17"
      GROUP BY
        1
    ) AS "t20"
  ) AS "t23"
  UNION ALL
  SELECT
    *
  FROM (
    SELECT
      1 AS "level",
      "t18"."window",
      "t18"."by0",
      CAST(NULL AS TEXT) AS "by1",
      CAST(NULL AS TINYINT) AS "depth",
      "t18"."v0"
    FROM (
      SELECT
        "t15"."window",
        "t15"."by0",
        QUANTILE_CONT("t15"."v0", 0.5) AS "v0"
      FROM (
        SELECT
          "t13"."atom",
          "t13"."by0",
          "t13"."by1",
          "t13"."depth",
          "t13"."v0",
          "t10"."window"
        FROM (
          SELECT
            CASE WHEN "t8"."date" < MAKE_DATE(2025, 3, 1) THEN 20120 ELSE 20148 END AS "atom",
            CASE WHEN "t8"."__depth" > 0 THEN "t8"."region" ELSE CAST(NULL AS TEXT) END AS "by0",
            CASE WHEN "t8"."__depth" > 1 THEN "t8"."channel" ELSE CAST(NULL AS TEXT) END AS "by1",
            "t8"."__depth" AS "depth",
            CASE
              WHEN (
                "t8"."qty" = CAST(ROUND("t8"."qty", 4) AS DOUBLE)
              )
              AND (
                ABS("t8"."qty") < 10000000000000.0
              )
              AND (
                ABS("t8"."qty" * CAST("t8"."price" AS DOUBLE)) < 9000000000.0
              )
              THEN CAST(CAST("t8"."qty" AS DECIMAL(18, 4)) * "t8"."price" AS DECIMAL(38, 8))
              ELSE CAST(CAST(CASE WHEN ABS("t8"."qty") < 1e+19 THEN "t8"."qty" ELSE CAST(NULL AS DOUBLE) END AS DECIMAL(28, 8)) AS DECIMAL(38, 8)) * "t8"."price"
            END AS "v0"
          FROM "t5" AS "t8"
          WHERE
            "t8"."__depth" >= 1
        ) AS "t13"
        INNER JOIN (
          SELECT
            "t6"."atom",
            "t7"."window"
          FROM (
            SELECT
              CAST(SPLIT_PART("t1"."row", ':', 1) AS BIGINT) AS "atom"
            FROM (
              SELECT
                UNNEST(STR_SPLIT('20120,20148', ',')) AS "row"
            ) AS "t1"
          ) AS "t6"
          INNER JOIN (
            SELECT
              CAST(SPLIT_PART("t2"."row", ':', 1) AS BIGINT) AS "window",
              CAST(SPLIT_PART("t2"."row", ':', 2) AS BIGINT) AS "start",
              CAST(SPLIT_PART("t2"."row", ':', 3) AS BIGINT) AS "end"
            FROM (
              SELECT
                UNNEST(STR_SPLIT('0:20120:20147,1:20148:20178,2:20120:20178', ',')) AS "row"
            ) AS "t2"
          ) AS "t7"
            ON "t6"."atom" >= "t7"."start" AND "t6"."atom" <= "t7"."end"
        ) AS "t10"
          ON "t13"."atom" = "t10"."atom"
      ) AS "t15"
      GROUP BY
        1,
        2
    ) AS "t18"
  ) AS "t21"
) AS "t24"
UNION ALL
SELECT
  *
FROM (
  SELECT
    2 AS "level",
    "t19"."window",
    "t19"."by0",
    "t19"."by1",
    "t19"."depth",
    "t19"."v0"
  FROM (
    SELECT
      "t17"."window",
      "t17"."by0",
      "t17"."by1",
      "t17"."depth",
      QUANTILE_CONT("t17"."v0", 0.5) AS "v0"
    FROM "t16" AS "t17"
    GROUP BY
      1,
      2,
      3,
      4
  ) AS "t19"
) AS "t22"
