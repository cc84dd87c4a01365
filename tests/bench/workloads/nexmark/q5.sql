WITH counts AS (
  SELECT auction, window_start, window_end, count(*) AS num
  FROM HOP(TABLE bid, DESCRIPTOR(date_time), INTERVAL '2' SECOND, INTERVAL '10' SECOND)
  GROUP BY auction, window_start, window_end
)
SELECT counts.window_start, counts.auction, counts.num
FROM counts JOIN (
  SELECT window_start, window_end, max(num) AS most FROM counts GROUP BY window_start, window_end
) AS hot
ON counts.window_start = hot.window_start AND counts.window_end = hot.window_end AND counts.num >= hot.most
