SELECT bid.auction, bid.price, bid.bidder, bid.date_time, bid.extra
FROM bid JOIN (
  SELECT max(price) AS most, time_bucket(INTERVAL '10 seconds', date_time) AS window_start
  FROM bid GROUP BY window_start
) AS highest
ON bid.price = highest.most
WHERE bid.date_time BETWEEN highest.window_start AND highest.window_start + INTERVAL '10 seconds'
