CREATE TABLE `arrival` (
	`person` text PRIMARY KEY NOT NULL,
	`facility` text NOT NULL,
	`from` text NOT NULL,
	`from_name` text NOT NULL,
	`detainee` text NOT NULL,
	`number` text NOT NULL,
	`name` text NOT NULL,
	`status` text NOT NULL,
	`born` text,
	`case_group` text,
	`at` integer NOT NULL,
	`state` text NOT NULL,
	`fetched` text
);
--> statement-breakpoint
CREATE INDEX `arrival_facility` ON `arrival` (`facility`,`state`);--> statement-breakpoint
CREATE TABLE `departure` (
	`detainee` text PRIMARY KEY NOT NULL,
	`facility` text NOT NULL,
	`person` text NOT NULL,
	`to` text NOT NULL,
	`to_name` text NOT NULL,
	`at` integer NOT NULL,
	`state` text NOT NULL,
	FOREIGN KEY (`detainee`) REFERENCES `detainee`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `departure_leaving` ON `departure` (`facility`) WHERE state = 'leaving';