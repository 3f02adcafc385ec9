-- A kiosk is known by the key with which it signs, no longer by a cookie: each is enrolled anew.
CREATE TABLE `kiosk_key` (
	`kiosk` text PRIMARY KEY NOT NULL,
	`facility` text NOT NULL,
	`cell` text NOT NULL,
	`public_key` text NOT NULL,
	`enrolled_at` integer NOT NULL,
	FOREIGN KEY (`facility`) REFERENCES `facility`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `kiosk_key_publicKey_unique` ON `kiosk_key` (`public_key`);--> statement-breakpoint
CREATE TABLE `kiosk_nonce` (
	`kiosk` text NOT NULL,
	`nonce` text NOT NULL,
	`until` integer NOT NULL,
	PRIMARY KEY(`kiosk`, `nonce`),
	FOREIGN KEY (`kiosk`) REFERENCES `kiosk_key`(`kiosk`) ON UPDATE no action ON DELETE cascade
) WITHOUT ROWID;
--> statement-breakpoint
DROP TABLE `device`;