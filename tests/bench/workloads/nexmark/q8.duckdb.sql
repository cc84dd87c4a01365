SELECT people.id, people.name, people.window_start
FROM (
  SELECT DISTINCT id, name, time_bucket(INTERVAL '10 seconds', date_time) AS window_start FROM person
) AS people
JOIN (
  SELECT DISTINCT seller, time_bucket(INTERVAL '10 seconds', date_time) AS window_start FROM auction
) AS sellers
ON people.id = sellers.seller AND people.window_start = sellers.window_start
