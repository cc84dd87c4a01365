-- Bids are counted by two seconds first, so that no bid is copied into its five windows.
WITH panes AS (
  SELECT auction, time_bucket(INTERVAL '2 seconds', date_time) AS pane, count(*) AS num
  FROM bid GROUP BY auction, pane
), counts AS (
  SELECT auction, pane - pane_number * INTERVAL '2 seconds' AS window_start, sum(num) AS num
  FROM panes, range(5) AS numbers(pane_number) GROUP BY auction, window_start
)
SELECT window_start, auction, num
FROM counts JOIN (SELECT window_start, max(num) AS most FROM counts GROUP BY window_start) AS hot
USING (window_start)
WHERE num >= most
