CREATE TABLE `consent_link` (
	`code_hash` text PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`facility` text NOT NULL,
	`tie` text NOT NULL,
	`kind` text NOT NULL,
	`made_by` text NOT NULL,
	`expires_at` integer NOT NULL,
	`answered_at` integer,
	`answer` text
);
--> statement-breakpoint
CREATE INDEX `consent_link_tie` ON `consent_link` (`tie`,`kind`);--> statement-breakpoint
ALTER TABLE `consent` ADD `ended_at` integer;--> statement-breakpoint
ALTER TABLE `consent` ADD `refused` integer DEFAULT false NOT NULL;--> statement-breakpoint
CREATE INDEX `consent_ended` ON `consent` (`ended_at`) WHERE ended_at IS NOT NULL;--> statement-breakpoint
ALTER TABLE `detainee` ADD `status_at` integer;--> statement-breakpoint
CREATE INDEX `detainee_status` ON `detainee` (`facility`,`status_at`) WHERE status_at IS NOT NULL;