SELECT id, item_name, description, initial_bid, reserve, date_time, expires, seller, category, extra,
  auction, bidder, price, bid_date_time, bid_extra
FROM (
  SELECT auction.*, bid.auction, bid.bidder, bid.price, bid.date_time AS bid_date_time, bid.extra AS bid_extra,
    row_number() OVER (
      PARTITION BY auction.id ORDER BY bid.price DESC, bid.date_time, bid.bidder, bid.extra
    ) AS place
  FROM auction JOIN bid ON auction.id = bid.auction
  WHERE bid.date_time BETWEEN auction.date_time AND auction.expires
) AS offers
WHERE place <= 1
