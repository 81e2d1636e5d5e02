-- phone numbers of users.phone by month
WITH numbers AS (SELECT id, phone AS number FROM vendors)
SELECT n.number, count(*)
FROM numbers n
JOIN users ON users.phone = n.number
GROUP BY n.number;

SELECT v.phone FROM vendors v WHERE v.id IN (SELECT id FROM users);
