CREATE TABLE `part` (
	`account` text NOT NULL,
	`hash` text NOT NULL,
	`start` integer NOT NULL,
	`facility` text NOT NULL,
	`size` integer NOT NULL,
	`bytes` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`account`, `hash`, `start`)
);
--> statement-breakpoint
CREATE INDEX `part_forgotten` ON `part` (`facility`,`at`);
