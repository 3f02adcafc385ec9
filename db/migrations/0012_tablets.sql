CREATE TABLE `tablet_pin` (
	`id` text PRIMARY KEY NOT NULL,
	`account` text NOT NULL,
	`token_hash` text NOT NULL,
	`session` text NOT NULL,
	`since` integer NOT NULL,
	FOREIGN KEY (`account`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `tablet_pin_account` ON `tablet_pin` (`account`);