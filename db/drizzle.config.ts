// Makes a first draft of a migration: `npx drizzle-kit generate --config db/drizzle.config.ts`. Edit the SQL by hand:
// drizzle knows no WITHOUT ROWID and no triggers, and rebuilding a table loses both without a word.
import { defineConfig } from 'drizzle-kit'

export default defineConfig({ dialect: 'sqlite', schema: './db/tables', out: './db/migrations', casing: 'snake_case' })
