CREATE TABLE `paper` (
	`claim` text NOT NULL,
	`hash` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`claim`, `hash`),
	FOREIGN KEY (`claim`) REFERENCES `claim`(`id`) ON UPDATE no action ON DELETE no action
);
