SELECT
  `t3`.`atom`,
  SUM(`t3`.`n`) AS `n`,
  SUM(`t3`.`n`) AS `m0`,
  SUM(`t3`.`c1`) AS `c1`,
  SUM(`t3`.`s1`) AS `s1`,
  SUM(IF((
    `t3`.`flags` & 1
  ) <> 0, `t3`.`n`, NULL)) AS `m2`
FROM (
  SELECT
    `t2`.`day`,
    `t2`.`flags`,
    `t2`.`n`,
    `t2`.`c1`,
    `t2`.`s1`,
    IF(`t2`.`day` < MAKE_DATE(2025, 3, 1), 20120, 20148) AS `atom`
  FROM (
    SELECT
      `t1`.`date` AS `day`,
      CAST(IF(
        (
          `t1`.`price` > CAST('0.1250' AS DECIMAL(18, 4))
        )
        AND CONTAINS(`t1`.`channel`, 'o\'b'),
        1,
        0
      ) AS SMALLINT) AS `flags`,
      COUNT(*) AS `n`,
      COUNT(`t1`.`qty`) AS `c1`,
      SUM(`t1`.`qty`) AS `s1`
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
        CONTAINS(`t0`.`channel`, 'o\'bw%')
        AND NOT (
          `t0`.`region` IN ('', 'EMEA')
        )
        AND `t0`.`region` IS NOT NULL
        AND `t0`.`region` IN ('APAC', 'EMEA')
        AND `t0`.`date` BETWEEN MAKE_DATE(2025, 2, 1) AND MAKE_DATE(2025, 3, 31)
    ) AS `t1`
    GROUP BY
      1,
      2
  ) AS `t2`
) AS `t3`
GROUP BY
  1
