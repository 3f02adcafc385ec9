ALTER TABLE `kinship` ADD `of_age_at` integer;--> statement-breakpoint
ALTER TABLE `kinship` ADD `adult` text;