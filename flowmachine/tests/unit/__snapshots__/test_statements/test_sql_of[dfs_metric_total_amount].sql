SELECT groups.date,
       groups.pcod,
       groups.value
  FROM (
        SELECT amounts.date AS date,
               regions.pcod AS pcod,
               sum(amounts.amount) AS value,
               count(DISTINCT amounts.subscriber_id) AS contributors
          FROM (
                SELECT CAST(timezone('UTC', dfs.transactions.timestamp) AS DATE) AS date,
                       dfs.transactions_metadata.subscriber_id AS subscriber_id,
                       dfs.transactions_metadata.cell_id AS cell_id,
                       dfs.transactions_metadata.cell_version AS cell_version,
                       sum(dfs.transactions.commission) AS amount
                  FROM dfs.transactions
                  JOIN dfs.transactions_metadata
                    ON dfs.transactions_metadata.transaction_id = dfs.transactions.id
                 WHERE dfs.transactions.timestamp >= CAST('2016-01-01 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                   AND dfs.transactions.timestamp < CAST('2016-01-04 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                 GROUP BY CAST(timezone('UTC', dfs.transactions.timestamp) AS DATE),
                          dfs.transactions_metadata.subscriber_id,
                          dfs.transactions_metadata.cell_id,
                          dfs.transactions_metadata.cell_version
               ) AS amounts
          JOIN (
                SELECT infrastructure.cells.id AS id,
                       infrastructure.cells.version AS
               version,
                       geography.admin2.admin2pcod AS pcod
                  FROM infrastructure.cells
                  JOIN geography.admin2
                    ON ST_Within(infrastructure.cells.geom_point, ST_SetSRID(geography.admin2.geom, 4326))
               ) AS regions
            ON amounts.cell_id = regions.id
           AND amounts.cell_version = regions.version
         GROUP BY amounts.date,
                  regions.pcod
       ) AS groups
 WHERE groups.contributors > 15
