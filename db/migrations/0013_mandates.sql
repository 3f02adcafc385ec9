CREATE TABLE `mandate` (
	`id` text PRIMARY KEY NOT NULL,
	`facility` text NOT NULL,
	`tie` text NOT NULL,
	`ground` text NOT NULL,
	`paper` text,
	`name` text NOT NULL,
	`until` integer NOT NULL,
	`code_hash` text NOT NULL,
	`expires_at` integer NOT NULL,
	`agent` text,
	`since` integer,
	`ended_at` integer,
	FOREIGN KEY (`tie`) REFERENCES `kinship`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `mandate_codeHash_unique` ON `mandate` (`code_hash`);--> statement-breakpoint
CREATE INDEX `mandate_tie` ON `mandate` (`tie`);--> statement-breakpoint
CREATE INDEX `mandate_agent` ON `mandate` (`agent`,`tie`) WHERE agent IS NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX `mandate_stands` ON `mandate` (`tie`) WHERE agent IS NOT NULL AND ended_at IS NULL;--> statement-breakpoint
CREATE INDEX `mandate_until` ON `mandate` (`facility`,`until`) WHERE agent IS NOT NULL AND ended_at IS NULL;--> statement-breakpoint
ALTER TABLE `matter` ADD `agent` text;