SELECT
  "t3"."atom",
  "t3"."by0",
  SUM("t3"."n") AS "n",
  SUM("t3"."n") AS "m0"
FROM (
  SELECT
    "t2"."by0",
    "t2"."day",
    "t2"."n",
    CASE WHEN "t2"."day" < MAKE_DATE(2025, 3, 1) THEN 20120 ELSE 20148 END AS "atom"
  FROM (
    SELECT
      "t1"."region" AS "by0",
      "t1"."date" AS "day",
      COUNT(*) AS "n"
    FROM (
      SELECT
        *
      FROM "orders" AS "t0"
      WHERE
        "t0"."channel" = 'web'
        AND "t0"."region" IN ('APAC', 'EMEA')
        AND "t0"."date" BETWEEN MAKE_DATE(2025, 2, 1) AND MAKE_DATE(2025, 3, 31)
    ) AS "t1"
    GROUP BY
      1,
      2
  ) AS "t2"
) AS "t3"
GROUP BY
  1,
  2;

WITH "active" AS (
  SELECT
    CASE WHEN "t2"."date" < MAKE_DATE(2025, 3, 1) THEN 20120 ELSE 20148 END AS "atom",
    "t2"."region" AS "by0",
    "t2"."customer_id" AS "entity",
    BOOL_OR(CAST("t2"."channel" = 'web' AS BOOLEAN)) AS "k0"
  FROM (
    SELECT
      *
    FROM "orders" AS "t0"
    WHERE
      "t0"."channel" = 'web'
      AND "t0"."region" IN ('APAC', 'EMEA')
      AND "t0"."date" BETWEEN MAKE_DATE(2025, 2, 1) AND MAKE_DATE(2025, 3, 31)
      AND "t0"."customer_id" IS NOT NULL
  ) AS "t2"
  GROUP BY
    1,
    2,
    3
), "t29" AS (
  SELECT
    "t23"."atom",
    "t23"."by0",
    "t23"."entity",
    "t23"."k0",
    "t27"."window"
  FROM "active" AS "t23"
  INNER JOIN (
    SELECT
      "t17"."atom",
      "t19"."window"
    FROM (
      SELECT
        CAST(SPLIT_PART("t5"."row", ':', 1) AS BIGINT) AS "atom"
      FROM (
        SELECT
          UNNEST(STR_SPLIT('20120,20148', ',')) AS "row"
      ) AS "t5"
    ) AS "t17"
    INNER JOIN (
      SELECT
        CAST(SPLIT_PART("t7"."row", ':', 1) AS BIGINT) AS "window",
        CAST(SPLIT_PART("t7"."row", ':', 2) AS BIGINT) AS "start",
        CAST(SPLIT_PART("t7"."row", ':', 3) AS BIGINT) AS "end"
      FROM (
        SELECT
          UNNEST(STR_SPLIT('0:20120:20178', ',')) AS "row"
      ) AS "t7"
    ) AS "t19"
      ON "t17"."atom" >= "t19"."start" AND "t17"."atom" <= "t19"."end"
  ) AS "t27"
    ON "t23"."atom" = "t27"."atom"
)
SELECT
  *
FROM (
  SELECT
    0 AS "level",
    "t38"."window",
    CAST(NULL AS TEXT) AS "by0",
    "t38"."v0"
  FROM (
    SELECT
      "t36"."window",
      COUNT(*) FILTER(WHERE
        "t36"."k0" AND (
          "t36"."first" < "t36"."start"
        )) AS "v0"
    FROM (
      SELECT
        "t33"."window",
        "t33"."entity",
        "t33"."k0",
        "t22"."day",
        "t22"."first",
        "t15"."start"
      FROM (
        SELECT
          "t30"."window",
          "t30"."entity",
          BOOL_OR(CAST("t30"."k0" AS BOOLEAN)) AS "k0"
        FROM "t29" AS "t30"
        GROUP BY
          1,
          2
      ) AS "t33"
      INNER JOIN (
        SELECT
          "t8"."entity",
          "t8"."day",
          DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t8"."day") AS "first"
        FROM (
          SELECT
            "t1"."customer_id" AS "entity",
            MIN("t1"."date") AS "day"
          FROM (
            SELECT
              *
            FROM "orders" AS "t0"
            WHERE
              "t0"."region" IN ('APAC', 'EMEA')
              AND "t0"."customer_id" IS NOT NULL
          ) AS "t1"
          GROUP BY
            1
        ) AS "t8"
      ) AS "t22"
        ON "t33"."entity" = "t22"."entity"
      INNER JOIN (
        SELECT
          CAST(SPLIT_PART("t3"."row", ':', 1) AS BIGINT) AS "window",
          CAST(SPLIT_PART("t3"."row", ':', 2) AS BIGINT) AS "start"
        FROM (
          SELECT
            UNNEST(STR_SPLIT('0:20120', ',')) AS "row"
        ) AS "t3"
      ) AS "t15"
        ON "t33"."window" = "t15"."window"
    ) AS "t36"
    GROUP BY
      1
  ) AS "t38"
) AS "t40"
UNION ALL
SELECT
  *
FROM (
  SELECT
    1 AS "level",
    "t39"."window",
    "t39"."by0",
    "t39"."v0"
  FROM (
    SELECT
      "t37"."window",
      "t37"."by0",
      COUNT(*) FILTER(WHERE
        "t37"."k0" AND (
          "t37"."first" < "t37"."start"
        )) AS "v0"
    FROM (
      SELECT
        "t35"."window",
        "t35"."by0",
        "t35"."entity",
        "t35"."k0",
        "t22"."day",
        "t22"."first",
        "t16"."start"
      FROM (
        SELECT
          *
        FROM (
          SELECT
            "t26"."window",
            "t23"."by0",
            "t23"."entity",
            "t23"."k0"
          FROM "active" AS "t23"
          INNER JOIN (
            SELECT
              "t17"."atom",
              "t18"."window"
            FROM (
              SELECT
                CAST(SPLIT_PART("t5"."row", ':', 1) AS BIGINT) AS "atom"
              FROM (
                SELECT
                  UNNEST(STR_SPLIT('20120,20148', ',')) AS "row"
              ) AS "t5"
            ) AS "t17"
            INNER JOIN (
              SELECT
                CAST(SPLIT_PART("t6"."row", ':', 1) AS BIGINT) AS "window",
                CAST(SPLIT_PART("t6"."row", ':', 2) AS BIGINT) AS "start",
                CAST(SPLIT_PART("t6"."row", ':', 3) AS BIGINT) AS "end"
              FROM (
                SELECT
                  UNNEST(STR_SPLIT('1:20120:20147,2:20148:20178', ',')) AS "row"
              ) AS "t6"
            ) AS "t18"
              ON "t17"."atom" >= "t18"."start" AND "t17"."atom" <= "t18"."end"
          ) AS "t26"
            ON "t23"."atom" = "t26"."atom"
        ) AS "t28"
        UNION ALL
        SELECT
          *
        FROM (
          SELECT
            "t30"."window",
            "t30"."by0",
            "t30"."entity",
            BOOL_OR(CAST("t30"."k0" AS BOOLEAN)) AS "k0"
          FROM "t29" AS "t30"
          GROUP BY
            1,
            2,
            3
        ) AS "t32"
      ) AS "t35"
      INNER JOIN (
        SELECT
          "t8"."entity",
          "t8"."day",
          DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t8"."day") AS "first"
        FROM (
          SELECT
            "t1"."customer_id" AS "entity",
            MIN("t1"."date") AS "day"
          FROM (
            SELECT
              *
            FROM "orders" AS "t0"
            WHERE
              "t0"."region" IN ('APAC', 'EMEA')
              AND "t0"."customer_id" IS NOT NULL
          ) AS "t1"
          GROUP BY
            1
        ) AS "t8"
      ) AS "t22"
        ON "t35"."entity" = "t22"."entity"
      INNER JOIN (
        SELECT
          CAST(SPLIT_PART("t4"."row", ':', 1) AS BIGINT) AS "window",
          CAST(SPLIT_PART("t4"."row", ':', 2) AS BIGINT) AS "start"
        FROM (
          SELECT
            UNNEST(STR_SPLIT('0:20120,1:20120,2:20148', ',')) AS "row"
        ) AS "t4"
      ) AS "t16"
        ON "t35"."window" = "t16"."window"
    ) AS "t37"
    GROUP BY
      1,
      2
  ) AS "t39"
) AS "t41"
