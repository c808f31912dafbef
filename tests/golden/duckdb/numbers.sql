SELECT
  "t3"."atom",
  SUM("t3"."n") AS "n",
  SUM("t3"."n") AS "m0",
  SUM("t3"."c1") AS "c1",
  FSUM("t3"."s1") AS "s1",
  SUM("t3"."n") FILTER(WHERE
    (
      "t3"."flags" & 1
    ) <> 0) AS "m2"
FROM (
  SELECT
    "t2"."day",
    "t2"."flags",
    "t2"."n",
    "t2"."c1",
    "t2"."s1",
    CASE WHEN "t2"."day" < MAKE_DATE(2025, 3, 1) THEN 20120 ELSE 20148 END AS "atom"
  FROM (
    SELECT
      "t1"."date" AS "day",
      CAST(CASE
        WHEN (
          "t1"."price" > CAST(0.1250 AS DECIMAL(18, 4))
        )
        AND CONTAINS("t1"."channel", 'o''b')
        THEN 1
        ELSE 0
      END AS SMALLINT) AS "flags",
      COUNT(*) AS "n",
      COUNT("t1"."qty") AS "c1",
      FSUM("t1"."qty") AS "s1"
    FROM (
      SELECT
        *
      FROM "orders" AS "t0"
      WHERE
        CONTAINS("t0"."channel", 'o''bw%')
        AND NOT (
          "t0"."region" IN ('', 'EMEA')
        )
        AND "t0"."region" IS NOT NULL
        AND "t0"."region" IN ('APAC', 'EMEA')
        AND "t0"."date" BETWEEN MAKE_DATE(2025, 2, 1) AND MAKE_DATE(2025, 3, 31)
    ) AS "t1"
    GROUP BY
      1,
      2
  ) AS "t2"
) AS "t3"
GROUP BY
  1
