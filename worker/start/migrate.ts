// Brings a database to the tables of today, each migration once. It keeps the same book as `wrangler d1 migrations`.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './build.ts'

const folder = join(root, 'db/migrations')

/** A migration is one batch: half of one is never there. */
export async function migrate(database: D1Database): Promise<void> {
  await database
    .prepare(
      `CREATE TABLE IF NOT EXISTS d1_migrations (
         id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)`,
    )
    .run()
  const { results } = await database.prepare(`SELECT name FROM d1_migrations`).all<{ name: string }>()
  const applied = new Set(results.map(({ name }) => name))
  for (const name of readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()) {
    if (applied.has(name)) continue
    const statements = readFileSync(join(folder, name), 'utf8').split('--> statement-breakpoint')
    await database.batch([
      ...statements.map((sql) => database.prepare(sql)),
      database.prepare(`INSERT INTO d1_migrations (name) VALUES (?)`).bind(name),
    ])
  }
}
