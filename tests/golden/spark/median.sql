SELECT
  `t3`.`atom`,
  SUM(`t3`.`n`) AS `n`,
  SUM(`t3`.`n`) AS `m0`
FROM (
  SELECT
    `t2`.`day`,
    `t2`.`n`,
    IF(`t2`.`day` < MAKE_DATE(2025, 3, 1), 20120, 20148) AS `atom`
  FROM (
    SELECT
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
        `t0`.`date` BETWEEN MAKE_DATE(2025, 2, 1) AND MAKE_DATE(2025, 3, 31)
    ) AS `t1`
    GROUP BY
      1
  ) AS `t2`
) AS `t3`
GROUP BY
  1;

SELECT
  0 AS `level`,
  `t12`.`window`,
  `t12`.`v0`
FROM (
  SELECT
    `t11`.`window`,
    PERCENTILE(`t11`.`v0`, 0.5) AS `v0`
  FROM (
    SELECT
      `t8`.`atom`,
      `t8`.`v0`,
      `t10`.`window`
    FROM (
      SELECT
        IF(`t0`.`date` < MAKE_DATE(2025, 3, 1), 20120, 20148) AS `atom`,
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
        `t0`.`date` BETWEEN MAKE_DATE(2025, 2, 1) AND MAKE_DATE(2025, 3, 31)
    ) AS `t8`
    INNER JOIN (
      SELECT
        `t6`.`atom`,
        `t7`.`window`
      FROM (
        SELECT
          CAST(SPLIT_PART(`t1`.`row`, ':', 1) AS BIGINT) AS `atom`
        FROM (
          SELECT
            EXPLODE(SPLIT('20120,20148', ',')) AS `row`
        ) AS `t1`
      ) AS `t6`
      INNER JOIN (
        SELECT
          CAST(SPLIT_PART(`t2`.`row`, ':', 1) AS BIGINT) AS `window`,
          CAST(SPLIT_PART(`t2`.`row`, ':', 2) AS BIGINT) AS `start`,
          CAST(SPLIT_PART(`t2`.`row`, ':', 3) AS BIGINT) AS `end`
        FROM (
          SELECT
            EXPLODE(SPLIT('0:20120:20147,1:20148:20178,2:20120:20178', ',')) AS `row`
        ) AS `t2`
      ) AS `t7`
        ON `t6`.`atom` >= `t7`.`start` AND `t6`.`atom` <= `t7`.`end`
    ) AS `t10`
      ON `t8`.`atom` = `t10`.`atom`
  ) AS `t11`
  GROUP BY
    1
) AS `t12`
