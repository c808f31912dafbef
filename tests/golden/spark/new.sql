SELECT
  `t9`.`atom`,
  `t9`.`by0`,
  `t9`.`by1`,
  SUM(`t9`.`n`) AS `n`,
  SUM(`t9`.`n`) AS `m0`
FROM (
  SELECT
    `t8`.`by0`,
    `t8`.`by1`,
    `t8`.`day`,
    `t8`.`n`,
    IF(`t8`.`day` < MAKE_DATE(2025, 3, 1), 20120, 20148) AS `atom`
  FROM (
    SELECT
      `t7`.`region` AS `by0`,
      `t7`.`catalogue__category` AS `by1`,
      `t7`.`date` AS `day`,
      COUNT(*) AS `n`
    FROM (
      SELECT
        *
      FROM (
        SELECT
          `t5`.`date`,
          `t5`.`sku`,
          `t5`.`region`,
          `t5`.`channel`,
          `t5`.`customer_id`,
          `t5`.`qty`,
          `t5`.`price`,
          `t5`.`revenue`,
          `t5`.`catalogue__category`
        FROM (
          SELECT
            `t2`.`date`,
            `t2`.`sku`,
            `t2`.`region`,
            `t2`.`channel`,
            `t2`.`customer_id`,
            `t2`.`qty`,
            `t2`.`price`,
            `t2`.`revenue`,
            `t4`.`__catalogue`,
            `t4`.`catalogue__category`
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
          ) AS t2
          LEFT OUTER JOIN (
            SELECT
              `t1`.`sku_id` AS `__catalogue`,
              `t1`.`category` AS `catalogue__category`
            FROM (
              SELECT
                NULLIF(CAST(`id` AS STRING), '') AS `sku_id`,
                NULLIF(CAST(`category` AS STRING), '') AS `category`,
                CAST(`cost` AS DECIMAL(18, 4)) AS `cost`
              FROM `shop`.`The catalogue`
            ) AS t1
          ) AS `t4`
            ON `t2`.`sku` = `t4`.`__catalogue`
        ) AS `t5`
      ) AS `t6`
      WHERE
        `t6`.`date` BETWEEN MAKE_DATE(2025, 2, 1) AND MAKE_DATE(2025, 3, 31)
    ) AS `t7`
    GROUP BY
      1,
      2,
      3
  ) AS `t8`
) AS `t9`
GROUP BY
  1,
  2,
  3;

SELECT
  IF(`t14`.`day` < MAKE_DATE(2025, 3, 1), 20120, 20148) AS `atom`,
  `t14`.`by0`,
  `t14`.`by1`,
  COUNT(*) AS `v0`
FROM (
  SELECT
    `t13`.`__day` AS `day`,
    `t13`.`region` AS `by0`,
    `t13`.`catalogue__category` AS `by1`
  FROM (
    SELECT
      `t12`.`date`,
      `t12`.`sku`,
      `t12`.`region`,
      `t12`.`channel`,
      `t12`.`customer_id`,
      `t12`.`qty`,
      `t12`.`price`,
      `t12`.`revenue`,
      `t12`.`catalogue__category`,
      `t12`.`__entity`,
      `t12`.`__day`,
      ROW_NUMBER() OVER (
        PARTITION BY `t12`.`customer_id`
        ORDER BY `t12`.`catalogue__category` ASC NULLS LAST, `t12`.`customer_id` ASC NULLS LAST, `t12`.`region` ASC NULLS LAST
      ) - 1 AS `__rank`
    FROM (
      SELECT
        `t10`.`date`,
        `t10`.`sku`,
        `t10`.`region`,
        `t10`.`channel`,
        `t10`.`customer_id`,
        `t10`.`qty`,
        `t10`.`price`,
        `t10`.`revenue`,
        `t10`.`catalogue__category`,
        `t11`.`__entity`,
        `t11`.`__day`
      FROM (
        SELECT
          `t7`.`date`,
          `t7`.`sku`,
          `t7`.`region`,
          `t7`.`channel`,
          `t7`.`customer_id`,
          `t7`.`qty`,
          `t7`.`price`,
          `t7`.`revenue`,
          `t7`.`catalogue__category`
        FROM (
          SELECT
            `t2`.`date`,
            `t2`.`sku`,
            `t2`.`region`,
            `t2`.`channel`,
            `t2`.`customer_id`,
            `t2`.`qty`,
            `t2`.`price`,
            `t2`.`revenue`,
            `t5`.`__catalogue`,
            `t5`.`catalogue__category`
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
          ) AS t2
          LEFT OUTER JOIN (
            SELECT
              `t1`.`sku_id` AS `__catalogue`,
              `t1`.`category` AS `catalogue__category`
            FROM (
              SELECT
                NULLIF(CAST(`id` AS STRING), '') AS `sku_id`,
                NULLIF(CAST(`category` AS STRING), '') AS `category`,
                CAST(`cost` AS DECIMAL(18, 4)) AS `cost`
              FROM `shop`.`The catalogue`
            ) AS t1
          ) AS `t5`
            ON `t2`.`sku` = `t5`.`__catalogue`
        ) AS `t7`
      ) AS `t10`
      INNER JOIN (
        SELECT
          `t6`.`entity` AS `__entity`,
          `t6`.`day` AS `__day`
        FROM (
          SELECT
            `t4`.`customer_id` AS `entity`,
            MIN(`t4`.`date`) AS `day`
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
              `t0`.`customer_id` IS NOT NULL
          ) AS `t4`
          GROUP BY
            1
        ) AS `t6`
        WHERE
          `t6`.`day` BETWEEN MAKE_DATE(2025, 2, 1) AND MAKE_DATE(2025, 3, 31)
      ) AS `t11`
        ON `t10`.`customer_id` = `t11`.`__entity` AND `t10`.`date` = `t11`.`__day`
    ) AS `t12`
  ) AS `t13`
  WHERE
    `t13`.`__rank` = 0
) AS `t14`
GROUP BY
  1,
  2,
  3
