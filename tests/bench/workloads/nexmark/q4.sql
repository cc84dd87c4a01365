SELECT category, avg(final) AS average
FROM (
  SELECT auction.id, auction.category, max(bid.price) AS final
  FROM auction JOIN bid ON auction.id = bid.auction
  WHERE bid.date_time BETWEEN auction.date_time AND auction.expires
  GROUP BY auction.id, auction.category
) AS closed
GROUP BY category
