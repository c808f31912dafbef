SELECT
  "t3"."atom",
  SUM("t3"."n") AS "n",
  SUM("t3"."m0") AS "m0",
  SUM("t3"."c1") AS "c1",
  FSUM("t3"."s1") AS "s1",
  SUM("t3"."m2") AS "m2"
FROM (
  SELECT
    "t2"."day",
    "t2"."n",
    "t2"."m0",
    "t2"."c1",
    "t2"."s1",
    "t2"."m2",
    CASE WHEN "t2"."day" < MAKE_DATE(2025, 3, 1) THEN 20120 ELSE 20148 END AS "atom"
  FROM (
    SELECT
      "t1"."date" AS "day",
      COUNT(*) AS "n",
      COUNT(*) AS "m0",
      COUNT("t1"."qty") AS "c1",
      FSUM("t1"."qty") AS "s1",
      COUNT(*) FILTER(WHERE
        (
          "t1"."price" > CAST(0.1250 AS DECIMAL(18, 4))
        )
        AND CONTAINS("t1"."channel", 'o''b')) AS "m2"
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
      1
  ) AS "t2"
) AS "t3"
GROUP BY
  1
