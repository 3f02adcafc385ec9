// The one way to the directory: accounts, sign-ins and houses.
import { drizzle } from 'drizzle-orm/d1'
import * as tables from './tables/directory.ts'

export interface DirectoryBinding {
  DB: D1Database
}

export const directory = (env: DirectoryBinding) => drizzle(env.DB, { schema: tables, casing: 'snake_case' })
export type Directory = ReturnType<typeof directory>
