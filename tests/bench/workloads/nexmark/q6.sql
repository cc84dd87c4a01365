SELECT id, seller, avg(price) OVER (
  PARTITION BY seller ORDER BY date_time, id ROWS BETWEEN 10 PRECEDING AND CURRENT ROW
) AS average
FROM (
  SELECT auction.id, auction.seller, bid.price, bid.date_time, row_number() OVER (
    PARTITION BY auction.id, auction.seller ORDER BY bid.price DESC, bid.date_time
  ) AS place
  FROM auction JOIN bid ON auction.id = bid.auction
  WHERE bid.date_time BETWEEN auction.date_time AND auction.expires
) AS offers
WHERE place <= 1
