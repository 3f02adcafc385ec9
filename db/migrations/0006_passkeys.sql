CREATE TABLE `challenge` (
	`challenge` text PRIMARY KEY NOT NULL,
	`purpose` text NOT NULL,
	`about` text NOT NULL,
	`until` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `enrolment` (
	`code_hash` text PRIMARY KEY NOT NULL,
	`account` text NOT NULL,
	`facility` text NOT NULL,
	`command` text NOT NULL,
	`until` integer NOT NULL,
	FOREIGN KEY (`account`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`facility`) REFERENCES `facility`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `enrolment_account` ON `enrolment` (`account`);--> statement-breakpoint
CREATE TABLE `passkey` (
	`id` text PRIMARY KEY NOT NULL,
	`account` text NOT NULL,
	`public_key` text NOT NULL,
	`counter` integer NOT NULL,
	`synced` integer NOT NULL,
	`transports` text NOT NULL,
	`since` integer NOT NULL,
	`used_at` integer NOT NULL,
	FOREIGN KEY (`account`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `passkey_account` ON `passkey` (`account`);--> statement-breakpoint
-- An officer's account has no telephone number, so that no code sent to a phone opens it. Who had one is given a new
-- way in by an admin; as a relative they are invited anew.
DELETE FROM `session` WHERE `user_id` IN (SELECT `id` FROM `user` WHERE `officer`);
--> statement-breakpoint
UPDATE `user` SET `phone_number` = NULL, `phone_number_verified` = NULL WHERE `officer`;
--> statement-breakpoint
CREATE TRIGGER `officer_comes_without_phone` BEFORE INSERT ON `user`
WHEN NEW.`officer` AND NEW.`phone_number` IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'an officer has no telephone number'); END;
--> statement-breakpoint
CREATE TRIGGER `officer_stays_without_phone` BEFORE UPDATE ON `user`
WHEN NEW.`officer` AND NEW.`phone_number` IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'an officer has no telephone number'); END;
