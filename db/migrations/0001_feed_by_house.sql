-- What an account hears of one house stands apart from what it hears of another.
UPDATE `feed` SET `channel` = 'account:' || coalesce(
  (SELECT `facility` FROM `matter` WHERE `id` = `subject`),
  (SELECT `facility` FROM `kinship` WHERE `id` = `subject`)
) || substr(`channel`, length('account:'))
WHERE `channel` LIKE 'account:%' AND EXISTS (
  SELECT 1 FROM `matter` WHERE `id` = `subject` UNION ALL SELECT 1 FROM `kinship` WHERE `id` = `subject`
);
