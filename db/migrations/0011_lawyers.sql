CREATE TABLE `lawyer` (
	`account` text PRIMARY KEY NOT NULL,
	`grade` text NOT NULL,
	`licence` text NOT NULL,
	`licence_sealed` text NOT NULL,
	`firm` text NOT NULL,
	`standing` text,
	`stated_at` integer NOT NULL,
	`heard_at` integer,
	`ask_at` integer,
	FOREIGN KEY (`account`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `lawyer_ask` ON `lawyer` (`ask_at`) WHERE ask_at IS NOT NULL;--> statement-breakpoint
CREATE TABLE `engagement` (
	`id` text PRIMARY KEY NOT NULL,
	`facility` text NOT NULL,
	`account` text NOT NULL,
	`licence` text NOT NULL,
	`grade` text NOT NULL,
	`name` text NOT NULL,
	`firm` text NOT NULL,
	`person` text NOT NULL,
	`born` text NOT NULL,
	`ground` text NOT NULL,
	`at` integer NOT NULL,
	`state` text NOT NULL,
	`detainee` text,
	`reason` text,
	`decided_at` integer,
	`ended_at` integer,
	`licence_trouble` text,
	FOREIGN KEY (`detainee`) REFERENCES `detainee`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `engagement_account` ON `engagement` (`account`,`facility`);--> statement-breakpoint
CREATE INDEX `engagement_facility` ON `engagement` (`facility`,`state`,`at`);--> statement-breakpoint
CREATE INDEX `engagement_detainee` ON `engagement` (`detainee`) WHERE detainee IS NOT NULL;--> statement-breakpoint
CREATE INDEX `engagement_licence` ON `engagement` (`facility`,`licence`);--> statement-breakpoint
CREATE TABLE `engagement_paper` (
	`engagement` text NOT NULL,
	`hash` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`engagement`, `hash`),
	FOREIGN KEY (`engagement`) REFERENCES `engagement`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
ALTER TABLE `detainee` ADD `case_group` text;