// What of a fault may be written to the log: never what people are called or wrote, nor their numbers.

/**
 * @param at where it happened, such as `sync`
 * @param fault what was thrown: of a query that failed only what the database said of it, for the query's own message
 * holds all that was given to it; of text that is no JSON only that it is none, for that message quotes it
 */
export function logFault(at: string, fault: unknown, more: Readonly<Record<string, string>> = {}): void {
  console.error(JSON.stringify({ at, ...more, fault: said(fault) }))
}

function said(fault: unknown): string {
  if (!(fault instanceof Error)) return typeof fault
  if (fault instanceof SyntaxError) return fault.name
  return fault.cause === undefined ? String(fault) : said(fault.cause)
}
