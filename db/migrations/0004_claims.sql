CREATE TABLE `claim` (
	`id` text PRIMARY KEY NOT NULL,
	`facility` text NOT NULL,
	`account` text NOT NULL,
	`person` text NOT NULL,
	`born` text NOT NULL,
	`name` text NOT NULL,
	`kin` text NOT NULL,
	`at` integer NOT NULL,
	`decided_at` integer,
	`outcome` text
);
--> statement-breakpoint
CREATE INDEX `claim_account` ON `claim` (`account`,`facility`);--> statement-breakpoint
CREATE INDEX `claim_open` ON `claim` (`facility`,`at`) WHERE decided_at IS NULL;--> statement-breakpoint
CREATE INDEX `claim_decided` ON `claim` (`facility`,`decided_at`) WHERE decided_at IS NOT NULL;--> statement-breakpoint
ALTER TABLE `detainee` ADD `born` text;--> statement-breakpoint
CREATE INDEX `detainee_born` ON `detainee` (`facility`,`born`) WHERE born IS NOT NULL;