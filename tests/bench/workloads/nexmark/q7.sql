SELECT bid.auction, bid.price, bid.bidder, bid.date_time, bid.extra
FROM bid JOIN (
  SELECT max(price) AS most, window_end
  FROM TUMBLE(TABLE bid, DESCRIPTOR(date_time), INTERVAL '10' SECOND)
  GROUP BY window_start, window_end
) AS highest
ON bid.price = highest.most
WHERE bid.date_time BETWEEN highest.window_end - INTERVAL '10' SECOND AND highest.window_end
