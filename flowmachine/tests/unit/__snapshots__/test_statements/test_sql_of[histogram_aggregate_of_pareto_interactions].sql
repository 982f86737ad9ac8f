WITH pareto_interactions_cfc79ffb AS (
        SELECT ranked.subscriber AS subscriber,
               CAST(count(*) FILTER (WHERE ranked.before < ceil(0.8 * ranked.whole)) AS DOUBLE PRECISION) / CAST(CAST(count(*) AS DOUBLE PRECISION) AS DOUBLE PRECISION) AS value
          FROM (
                SELECT contacts.subscriber AS subscriber,
                       coalesce(sum(contacts.events) OVER (PARTITION BY contacts.subscriber ORDER BY contacts.events DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS
                before,
                       sum(contacts.events) OVER (PARTITION BY contacts.subscriber) AS whole
                  FROM (
                        SELECT events.subscriber AS subscriber,
                               events.msisdn_counterpart AS msisdn_counterpart,
                               count(*) AS events
                          FROM (
                                SELECT events.subscriber AS subscriber,
                                       events.msisdn AS msisdn,
                                       events.msisdn_counterpart AS msisdn_counterpart
                                  FROM (
                                        SELECT events.calls.msisdn AS subscriber,
                                               events.calls.msisdn AS msisdn,
                                               events.calls.msisdn_counterpart AS msisdn_counterpart
                                          FROM events.calls
                                         WHERE events.calls.datetime >= CAST('2016-01-01 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                                           AND events.calls.datetime < CAST('2016-01-02 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                                     UNION ALL SELECT events.sms.msisdn AS subscriber,
                                               events.sms.msisdn AS msisdn,
                                               events.sms.msisdn_counterpart AS msisdn_counterpart
                                          FROM events.sms
                                         WHERE events.sms.datetime >= CAST('2016-01-01 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                                           AND events.sms.datetime < CAST('2016-01-02 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)
                                       ) AS events
                               ) AS events
                         WHERE events.msisdn_counterpart IS NOT NULL
                         GROUP BY events.subscriber,
                                  events.msisdn_counterpart
                       ) AS contacts
               ) AS ranked
         GROUP BY ranked.subscriber
       ),
       anon_1 AS (
        SELECT anon_2.number AS
      position,
               ends.low + ((ends.high - ends.low) * (anon_2.number - 1)) / CAST(3 AS NUMERIC) AS edge
          FROM (
                SELECT min(CAST(pareto_interactions_cfc79ffb.value AS NUMERIC)) AS low,
                       max(CAST(pareto_interactions_cfc79ffb.value AS NUMERIC)) AS high
                  FROM pareto_interactions_cfc79ffb
               ) AS ends
          JOIN generate_series(1, 4) AS anon_2(number)
            ON true
       ) SELECT CASE WHEN NOT rated.some_few THEN rated.value
             END AS value,
       CASE WHEN NOT rated.some_few THEN rated.lower_edge
             END AS lower_edge,
       CASE WHEN NOT rated.some_few THEN rated.upper_edge
             END AS upper_edge
  FROM (
        SELECT groups.value AS value,
               groups.lower_edge AS lower_edge,
               groups.upper_edge AS upper_edge,
               groups.contributors AS contributors,
               coalesce(bool_or(coalesce(groups.contributors, 1) BETWEEN 1 AND 15) OVER (), false) AS some_few,
               row_number() OVER () AS number
          FROM (
                SELECT coalesce(counts.count, 0) AS value,
                       bins.lower_edge AS lower_edge,
                       bins.upper_edge AS upper_edge,
                       coalesce(counts.contributors, 0) AS contributors
                  FROM (
                        SELECT anon_1.position AS
                      position,
                               anon_1.edge AS lower_edge,
                               lead(anon_1.edge) OVER (ORDER BY anon_1.position) AS upper_edge
                          FROM anon_1
                       ) AS bins
                  LEFT OUTER JOIN (
                        SELECT inside.position AS
                      position,
                               count(*) AS count,
                               count(*) AS contributors
                          FROM (
                                SELECT least(width_bucket(CAST(pareto_interactions_cfc79ffb.value AS NUMERIC), (SELECT array_agg(anon_1.edge ORDER BY anon_1.position) AS array_agg_1 FROM anon_1)), 3) AS
                              position,
                                       pareto_interactions_cfc79ffb.subscriber AS subscriber
                                  FROM pareto_interactions_cfc79ffb
                                 WHERE CAST(pareto_interactions_cfc79ffb.value AS NUMERIC) <= (
                                        SELECT max(anon_1.edge) AS max_1
                                          FROM anon_1
                                       )
                               ) AS inside
                         GROUP BY inside.position
                       ) AS counts
                    ON counts.position = bins.position
                 WHERE bins.upper_edge IS NOT NULL
                 ORDER BY bins.position
               ) AS groups
       ) AS rated
 WHERE NOT rated.some_few
    OR rated.number = 1
