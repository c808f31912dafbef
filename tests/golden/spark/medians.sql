SELECT
  `t3`.`atom`,
  `t3`.`by0`,
  SUM(`t3`.`n`) AS `n`,
  SUM(`t3`.`n`) AS `m0`
FROM (
  SELECT
    `t2`.`by0`,
    `t2`.`day`,
    `t2`.`n`,
    IF(`t2`.`day` < MAKE_DATE(2025, 3, 1), 20120, 20148) AS `atom`
  FROM (
    SELECT
      `t1`.`region` AS `by0`,
      `t1`.`date` AS `day`,
      COUNT(*) AS `n`
    FROM (
      SELECT
        *
      FROM (
        SELECT
          CAST(`Ordered At` AS DATE) AS `date`,
          NULLIF(CAST(`SKU` AS STRING), '') AS `sku`,
          NULLIF(CAST(`select` AS STRING), '') AS `region`,
          NULLIF(CAST(`Channel` AS STRING), '') AS `channel`,
          NULLIF(CAST(`customer` AS STRING), '') AS `customer_id`,
          CAST(CASE
            WHEN ISNAN(`qty`) OR ABS(`qty`) = CAST('Infinity' AS DOUBLE)
            THEN NULL
            ELSE `qty`
          END AS DOUBLE) AS `qty`,
          CAST(`Unit "price"` AS DECIMAL(18, 4)) AS `price`,
          CAST(`revenue` AS DECIMAL(18, 4)) AS `revenue`
        FROM `shop`.`The orders`
      ) AS t0
      WHERE
        `t0`.`region` = 'EMEA'
        AND `t0`.`date` BETWEEN MAKE_DATE(2025, 2, 1) AND MAKE_DATE(2025, 3, 31)
    ) AS `t1`
    GROUP BY
      1,
      2
  ) AS `t2`
) AS `t3`
GROUP BY
  1,
  2;

SELECT
  *
FROM (
  SELECT
    0 AS `level`,
    `t18`.`window`,
    CAST(NULL AS STRING) AS `by0`,
    `t18`.`v0`
  FROM (
    SELECT
      `t16`.`window`,
      PERCENTILE(`t16`.`v0`, 0.5) AS `v0`
    FROM (
      SELECT
        `t11`.`atom`,
        `t11`.`by0`,
        `t11`.`v0`,
        `t14`.`window`
      FROM (
        SELECT
          IF(`t0`.`date` < MAKE_DATE(2025, 3, 1), 20120, 20148) AS `atom`,
          `t0`.`region` AS `by0`,
          CAST(CAST(IF(ABS(`t0`.`qty`) < 1e+19, `t0`.`qty`, CAST(NULL AS DOUBLE)) AS DECIMAL(28, 8)) AS DECIMAL(38, 8)) * `t0`.`price` AS `v0`
        FROM (
          SELECT
            CAST(`Ordered At` AS DATE) AS `date`,
            NULLIF(CAST(`SKU` AS STRING), '') AS `sku`,
            NULLIF(CAST(`select` AS STRING), '') AS `region`,
            NULLIF(CAST(`Channel` AS STRING), '') AS `channel`,
            NULLIF(CAST(`customer` AS STRING), '') AS `customer_id`,
            CAST(CASE
              WHEN ISNAN(`qty`) OR ABS(`qty`) = CAST('Infinity' AS DOUBLE)
              THEN NULL
              ELSE `qty`
            END AS DOUBLE) AS `qty`,
            CAST(`Unit "price"` AS DECIMAL(18, 4)) AS `price`,
            CAST(`revenue` AS DECIMAL(18, 4)) AS `revenue`
          FROM `shop`.`The orders`
        ) AS t0
        WHERE
          `t0`.`region` = 'EMEA'
          AND `t0`.`date` BETWEEN MAKE_DATE(2025, 2, 1) AND MAKE_DATE(2025, 3, 31)
      ) AS `t11`
      INNER JOIN (
        SELECT
          `t8`.`atom`,
          `t9`.`window`
        FROM (
          SELECT
            CAST(SPLIT_PART(`t1`.`row`, ':', 1) AS BIGINT) AS `atom`
          FROM (
            SELECT
              EXPLODE(SPLIT('20120,20148', ',')) AS `row`
          ) AS `t1`
        ) AS `t8`
        INNER JOIN (
          SELECT
            CAST(SPLIT_PART(`t2`.`row`, ':', 1) AS BIGINT) AS `window`,
            CAST(SPLIT_PART(`t2`.`row`, ':', 2) AS BIGINT) AS `start`,
            CAST(SPLIT_PART(`t2`.`row`, ':', 3) AS BIGINT) AS `end`
          FROM (
            SELECT
              EXPLODE(SPLIT('0:20120:20178', ',')) AS `row`
          ) AS `t2`
        ) AS `t9`
          ON `t8`.`atom` >= `t9`.`start` AND `t8`.`atom` <= `t9`.`end`
      ) AS `t14`
        ON `t11`.`atom` = `t14`.`atom`
    ) AS `t16`
    GROUP BY
      1
  ) AS `t18`
) AS `t20`
UNION ALL
SELECT
  *
FROM (
  SELECT
    1 AS `level`,
    `t19`.`window`,
    `t19`.`by0`,
    `t19`.`v0`
  FROM (
    SELECT
      `t17`.`window`,
      `t17`.`by0`,
      PERCENTILE(`t17`.`v0`, 0.5) AS `v0`
    FROM (
      SELECT
        `t11`.`atom`,
        `t11`.`by0`,
        `t11`.`v0`,
        `t15`.`window`
      FROM (
        SELECT
          IF(`t0`.`date` < MAKE_DATE(2025, 3, 1), 20120, 20148) AS `atom`,
          `t0`.`region` AS `by0`,
          CAST(CAST(IF(ABS(`t0`.`qty`) < 1e+19, `t0`.`qty`, CAST(NULL AS DOUBLE)) AS DECIMAL(28, 8)) AS DECIMAL(38, 8)) * `t0`.`price` AS `v0`
        FROM (
          SELECT
            CAST(`Ordered At` AS DATE) AS `date`,
            NULLIF(CAST(`SKU` AS STRING), '') AS `sku`,
            NULLIF(CAST(`select` AS STRING), '') AS `region`,
            NULLIF(CAST(`Channel` AS STRING), '') AS `channel`,
            NULLIF(CAST(`customer` AS STRING), '') AS `customer_id`,
            CAST(CASE
              WHEN ISNAN(`qty`) OR ABS(`qty`) = CAST('Infinity' AS DOUBLE)
              THEN NULL
              ELSE `qty`
            END AS DOUBLE) AS `qty`,
            CAST(`Unit "price"` AS DECIMAL(18, 4)) AS `price`,
            CAST(`revenue` AS DECIMAL(18, 4)) AS `revenue`
          FROM `shop`.`The orders`
        ) AS t0
        WHERE
          `t0`.`region` = 'EMEA'
          AND `t0`.`date` BETWEEN MAKE_DATE(2025, 2, 1) AND MAKE_DATE(2025, 3, 31)
      ) AS `t11`
      INNER JOIN (
        SELECT
          `t8`.`atom`,
          `t10`.`window`
        FROM (
          SELECT
            CAST(SPLIT_PART(`t1`.`row`, ':', 1) AS BIGINT) AS `atom`
          FROM (
            SELECT
              EXPLODE(SPLIT('20120,20148', ',')) AS `row`
          ) AS `t1`
        ) AS `t8`
        INNER JOIN (
          SELECT
            CAST(SPLIT_PART(`t3`.`row`, ':', 1) AS BIGINT) AS `window`,
            CAST(SPLIT_PART(`t3`.`row`, ':', 2) AS BIGINT) AS `start`,
            CAST(SPLIT_PART(`t3`.`row`, ':', 3) AS BIGINT) AS `end`
          FROM (
            SELECT
              EXPLODE(SPLIT('0:20120:20178,1:20120:20147,2:20148:20178', ',')) AS `row`
          ) AS `t3`
        ) AS `t10`
          ON `t8`.`atom` >= `t10`.`start` AND `t8`.`atom` <= `t10`.`end`
      ) AS `t15`
        ON `t11`.`atom` = `t15`.`atom`
    ) AS `t17`
    GROUP BY
      1,
      2
  ) AS `t19`
) AS `t21`
