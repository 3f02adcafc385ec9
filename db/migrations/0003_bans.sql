ALTER TABLE `kinship` ADD `shut` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE `kinship` ADD `banned_from` integer;--> statement-breakpoint
ALTER TABLE `kinship` ADD `banned_until` integer;--> statement-breakpoint
ALTER TABLE `kinship` ADD `ban_reason` text;--> statement-breakpoint
ALTER TABLE `kinship` ADD `ban_note` text;--> statement-breakpoint
CREATE INDEX `kinship_banned` ON `kinship` (`facility`,`banned_until`) WHERE banned_until IS NOT NULL;