SELECT
  `t9`.`atom`,
  `t9`.`by0`,
  SUM(`t9`.`n`) AS `n`,
  SUM(`t9`.`m0`) AS `m0`,
  SUM(`t9`.`s1`) AS `s1`,
  SUM(`t9`.`m2`) AS `m2`,
  SUM(`t9`.`s2`) AS `s2`,
  SUM(`t9`.`c3`) AS `c3`,
  MAX(IF(`t9`.`c3` > 0, `t9`.`day`, NULL)) AS `ld3`,
  MAX_BY(IF(`t9`.`c3` > 0, `t9`.`s3`, NULL), IF(`t9`.`c3` > 0, `t9`.`day`, NULL)) AS `lv3`,
  SUM(`t9`.`s3`) AS `s3`
FROM (
  SELECT
    `t8`.`by0`,
    `t8`.`day`,
    `t8`.`n`,
    `t8`.`m0`,
    `t8`.`s1`,
    `t8`.`m2`,
    `t8`.`s2`,
    `t8`.`c3`,
    `t8`.`s3`,
    IF(`t8`.`day` < MAKE_DATE(2025, 3, 1), 20120, 20148) AS `atom`
  FROM (
    SELECT
      `t7`.`region` AS `by0`,
      `t7`.`date` AS `day`,
      COUNT(*) AS `n`,
      COUNT(*) AS `m0`,
      SUM(`t7`.`revenue`) AS `s1`,
      SUM(CAST(`t7`.`catalogue__category` = 'Tea' AS BIGINT)) AS `m2`,
      SUM(IF(`t7`.`catalogue__category` = 'Tea', `t7`.`revenue`, NULL)) AS `s2`,
      COUNT(`t7`.`price`) AS `c3`,
      SUM(`t7`.`price`) AS `s3`
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
      2
  ) AS `t8`
) AS `t9`
GROUP BY
  1,
  2
