CREATE TABLE `document` (
	`account` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`number_sealed` text NOT NULL,
	`name_sealed` text NOT NULL,
	`stated_at` integer NOT NULL,
	`checked_at` integer,
	FOREIGN KEY (`account`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `ended_session` (
	`token_hash` text PRIMARY KEY NOT NULL,
	`ended_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `halfway` (
	`token_hash` text PRIMARY KEY NOT NULL,
	`account` text NOT NULL,
	`phone` text NOT NULL,
	`fresh` text NOT NULL,
	`phone_sealed` text NOT NULL,
	`expires_at` integer NOT NULL,
	FOREIGN KEY (`account`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `known_device` (
	`token_hash` text NOT NULL,
	`account` text NOT NULL,
	`since` integer NOT NULL,
	PRIMARY KEY(`token_hash`, `account`),
	FOREIGN KEY (`account`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `one_time_code` (
	`phone` text NOT NULL,
	`code` text NOT NULL,
	`tries` integer DEFAULT 0 NOT NULL,
	`sent_at` integer NOT NULL,
	PRIMARY KEY(`phone`, `code`)
);
--> statement-breakpoint
DROP TRIGGER `officer_comes_without_phone`;--> statement-breakpoint
DROP TRIGGER `officer_stays_without_phone`;--> statement-breakpoint
DROP INDEX `user_phoneNumber_unique`;--> statement-breakpoint
ALTER TABLE `user` ADD `phone` text;--> statement-breakpoint
ALTER TABLE `user` ADD `phone_sealed` text;--> statement-breakpoint
CREATE UNIQUE INDEX `user_phone_unique` ON `user` (`phone`);--> statement-breakpoint
ALTER TABLE `user` DROP COLUMN `phone_number`;--> statement-breakpoint
ALTER TABLE `user` DROP COLUMN `phone_number_verified`;--> statement-breakpoint
ALTER TABLE `session` ADD `browser` text;
--> statement-breakpoint
CREATE TRIGGER `officer_comes_without_phone` BEFORE INSERT ON `user`
WHEN NEW.`officer` AND NEW.`phone` IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'an officer has no telephone number'); END;
--> statement-breakpoint
CREATE TRIGGER `officer_stays_without_phone` BEFORE UPDATE ON `user`
WHEN NEW.`officer` AND NEW.`phone` IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'an officer has no telephone number'); END;
