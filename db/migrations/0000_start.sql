CREATE TABLE `account` (
	`id` text PRIMARY KEY NOT NULL,
	`account_id` text NOT NULL,
	`provider_id` text NOT NULL,
	`user_id` text NOT NULL,
	`access_token` text,
	`refresh_token` text,
	`id_token` text,
	`access_token_expires_at` integer,
	`refresh_token_expires_at` integer,
	`scope` text,
	`password` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `account_user` ON `account` (`user_id`);--> statement-breakpoint
CREATE TABLE `attempt` (
	`what` text NOT NULL,
	`window` integer NOT NULL,
	`count` integer NOT NULL,
	PRIMARY KEY(`what`, `window`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `device` (
	`token_hash` text PRIMARY KEY NOT NULL,
	`kiosk` text NOT NULL,
	`facility` text NOT NULL,
	`cell` text NOT NULL,
	`enrolled_at` integer NOT NULL,
	FOREIGN KEY (`facility`) REFERENCES `facility`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `facility` (
	`id` text PRIMARY KEY NOT NULL,
	`code` text NOT NULL,
	`name` text NOT NULL,
	`kind` text NOT NULL,
	`zone` text DEFAULT 'Asia/Shanghai' NOT NULL,
	`telephone` text NOT NULL,
	`hours` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `facility_code_unique` ON `facility` (`code`);--> statement-breakpoint
CREATE TABLE `reach` (
	`account` text NOT NULL,
	`facility` text NOT NULL,
	PRIMARY KEY(`account`, `facility`),
	FOREIGN KEY (`facility`) REFERENCES `facility`(`id`) ON UPDATE no action ON DELETE no action
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `session` (
	`id` text PRIMARY KEY NOT NULL,
	`token` text NOT NULL,
	`user_id` text NOT NULL,
	`expires_at` integer NOT NULL,
	`ip_address` text,
	`user_agent` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `session_token_unique` ON `session` (`token`);--> statement-breakpoint
CREATE INDEX `session_user` ON `session` (`user_id`);--> statement-breakpoint
CREATE TABLE `user` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`email` text NOT NULL,
	`email_verified` integer NOT NULL,
	`image` text,
	`phone_number` text,
	`phone_number_verified` integer,
	`officer` integer DEFAULT false NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `user_email_unique` ON `user` (`email`);--> statement-breakpoint
CREATE UNIQUE INDEX `user_phoneNumber_unique` ON `user` (`phone_number`);--> statement-breakpoint
CREATE TABLE `verification` (
	`id` text PRIMARY KEY NOT NULL,
	`identifier` text NOT NULL,
	`value` text NOT NULL,
	`expires_at` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `verification_identifier` ON `verification` (`identifier`);--> statement-breakpoint
CREATE TABLE `checkpoint` (
	`facility` text NOT NULL,
	`size` integer NOT NULL,
	`at` integer NOT NULL,
	`note` text NOT NULL,
	`frontier` text NOT NULL,
	`leaves` text NOT NULL,
	`seal` text NOT NULL,
	PRIMARY KEY(`facility`, `size`)
);
--> statement-breakpoint
CREATE TABLE `command` (
	`account` text NOT NULL,
	`id` text NOT NULL,
	`digest` text NOT NULL,
	`code` text NOT NULL,
	`field` text,
	PRIMARY KEY(`account`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `consent` (
	`detainee` text NOT NULL,
	`account` text NOT NULL,
	`kind` text NOT NULL,
	`from` integer NOT NULL,
	`until` integer,
	`document` text NOT NULL,
	PRIMARY KEY(`detainee`, `account`, `kind`),
	FOREIGN KEY (`detainee`) REFERENCES `detainee`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `content` (
	`matter` text NOT NULL,
	`seq` integer NOT NULL,
	`salt` text NOT NULL,
	`body` text NOT NULL,
	PRIMARY KEY(`matter`, `seq`)
);
--> statement-breakpoint
CREATE TABLE `daily` (
	`facility` text NOT NULL,
	`day` text NOT NULL,
	`kind` text NOT NULL,
	`move` text NOT NULL,
	`count` integer NOT NULL,
	PRIMARY KEY(`facility`, `day`, `kind`, `move`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `detainee` (
	`id` text PRIMARY KEY NOT NULL,
	`facility` text NOT NULL,
	`number` text NOT NULL,
	`name` text NOT NULL,
	`status` text NOT NULL,
	`cell` text NOT NULL,
	`pin_salt` text NOT NULL,
	`pin_hash` text NOT NULL,
	`locked_at` integer DEFAULT 0 NOT NULL,
	`opened_at` integer DEFAULT 0 NOT NULL,
	`left_at` integer,
	`left_because` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `detainee_number` ON `detainee` (`facility`,`number`);--> statement-breakpoint
CREATE INDEX `detainee_cell` ON `detainee` (`facility`,`cell`);--> statement-breakpoint
CREATE INDEX `detainee_left` ON `detainee` (`facility`,`left_at`) WHERE left_at IS NOT NULL;--> statement-breakpoint
CREATE TABLE `event` (
	`matter` text NOT NULL,
	`seq` integer NOT NULL,
	`facility` text NOT NULL,
	`position` integer NOT NULL,
	`body` text NOT NULL,
	`hash` text NOT NULL,
	`actor` text GENERATED ALWAYS AS ((json_extract(body, '$.actor'))) VIRTUAL,
	`command` text GENERATED ALWAYS AS ((json_extract(body, '$.command'))) VIRTUAL,
	PRIMARY KEY(`matter`, `seq`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `event_position` ON `event` (`facility`,`position`);--> statement-breakpoint
CREATE UNIQUE INDEX `event_command` ON `event` (`actor`,`command`);--> statement-breakpoint
CREATE TABLE `feed` (
	`channel` text NOT NULL,
	`subject` text NOT NULL,
	`position` integer NOT NULL,
	`what` text NOT NULL,
	PRIMARY KEY(`channel`, `subject`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `feed_position` ON `feed` (`channel`,`position`);--> statement-breakpoint
CREATE TABLE `house` (
	`id` text PRIMARY KEY NOT NULL,
	`code` text NOT NULL,
	`name` text NOT NULL,
	`kind` text NOT NULL,
	`telephone` text NOT NULL,
	`hours` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `invite` (
	`code_hash` text PRIMARY KEY NOT NULL,
	`facility` text NOT NULL,
	`detainee` text NOT NULL,
	`kin` text NOT NULL,
	`name` text NOT NULL,
	`made_by` text NOT NULL,
	`expires_at` integer NOT NULL,
	`kinship` text,
	FOREIGN KEY (`detainee`) REFERENCES `detainee`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `kinship` (
	`id` text PRIMARY KEY NOT NULL,
	`facility` text NOT NULL,
	`detainee` text NOT NULL,
	`account` text NOT NULL,
	`kin` text NOT NULL,
	`name` text NOT NULL,
	`since` integer NOT NULL,
	`ended_at` integer,
	FOREIGN KEY (`detainee`) REFERENCES `detainee`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `kinship_tie` ON `kinship` (`account`,`detainee`);--> statement-breakpoint
CREATE INDEX `kinship_detainee` ON `kinship` (`detainee`);--> statement-breakpoint
CREATE INDEX `kinship_ended` ON `kinship` (`facility`,`ended_at`) WHERE ended_at IS NOT NULL;--> statement-breakpoint
CREATE TABLE `kiosk` (
	`id` text PRIMARY KEY NOT NULL,
	`facility` text NOT NULL,
	`cell` text NOT NULL,
	`name` text NOT NULL,
	`enrol_hash` text,
	`enrol_until` integer,
	`revoked_at` integer
);
--> statement-breakpoint
CREATE INDEX `kiosk_facility` ON `kiosk` (`facility`);--> statement-breakpoint
CREATE TABLE `matter` (
	`id` text PRIMARY KEY NOT NULL,
	`facility` text NOT NULL,
	`kind` text NOT NULL,
	`tie` text NOT NULL,
	`detainee` text NOT NULL,
	`account` text NOT NULL,
	`state` text NOT NULL,
	`version` integer NOT NULL,
	`edition` integer NOT NULL,
	`since` integer NOT NULL,
	`due` integer,
	`decider` text,
	`appealed` integer NOT NULL,
	`awaits` text
);
--> statement-breakpoint
CREATE INDEX `matter_queue` ON `matter` (`facility`,`awaits`,`due`,`id`) WHERE awaits IS NOT NULL;--> statement-breakpoint
CREATE INDEX `matter_detainee` ON `matter` (`detainee`,`state`);--> statement-breakpoint
CREATE TABLE `officer` (
	`facility` text NOT NULL,
	`account` text NOT NULL,
	`name` text NOT NULL,
	`roles` text NOT NULL,
	`disabled_at` integer,
	PRIMARY KEY(`facility`, `account`)
);
--> statement-breakpoint
CREATE TABLE `setting` (
	`facility` text NOT NULL,
	`kind` text NOT NULL,
	`settings` text NOT NULL,
	PRIMARY KEY(`facility`, `kind`)
);
--> statement-breakpoint
CREATE TRIGGER `event_is_never_changed` BEFORE UPDATE ON `event`
BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;
--> statement-breakpoint
CREATE TRIGGER `event_is_never_removed` BEFORE DELETE ON `event`
BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;
--> statement-breakpoint
CREATE TRIGGER `event_comes_next` BEFORE INSERT ON `event`
WHEN NEW.seq <> 1 + coalesce((SELECT max(seq) FROM event WHERE matter = NEW.matter), 0)
  OR NEW.position <> 1 + coalesce((SELECT max(position) FROM event WHERE facility = NEW.facility), -1)
  OR EXISTS (SELECT 1 FROM event WHERE actor = json_extract(NEW.body, '$.actor') AND command = json_extract(NEW.body, '$.command'))
BEGIN SELECT RAISE(ABORT, 'an event is the next of its subject and of its house'); END;
--> statement-breakpoint
CREATE TRIGGER `checkpoint_is_never_changed` BEFORE UPDATE ON `checkpoint`
BEGIN SELECT RAISE(ABORT, 'a signed head is never changed'); END;
--> statement-breakpoint
CREATE TRIGGER `checkpoint_is_never_removed` BEFORE DELETE ON `checkpoint`
BEGIN SELECT RAISE(ABORT, 'a signed head is never removed'); END;
--> statement-breakpoint
CREATE TRIGGER `checkpoint_grows` BEFORE INSERT ON `checkpoint`
WHEN NEW.size <= coalesce((SELECT max(size) FROM checkpoint WHERE facility = NEW.facility), 0)
BEGIN SELECT RAISE(ABORT, 'a tree only grows'); END;
