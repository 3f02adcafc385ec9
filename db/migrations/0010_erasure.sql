CREATE TABLE `erased_account` (
	`account` text PRIMARY KEY NOT NULL,
	`entry` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `erased_account_entry` ON `erased_account` (`entry`);--> statement-breakpoint
CREATE TABLE `erasure` (
	`facility` text NOT NULL,
	`entry` text NOT NULL,
	`subject` text NOT NULL,
	`at` integer NOT NULL,
	`telling` text NOT NULL,
	PRIMARY KEY(`facility`, `entry`)
);
--> statement-breakpoint
CREATE INDEX `erasure_telling` ON `erasure` (`facility`,`at`) WHERE telling <> '[]';--> statement-breakpoint
ALTER TABLE `house` ADD `retention` text;