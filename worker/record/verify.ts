// `npm run audit:verify -- FILE --key PUBLIC [--since CHECKPOINT] [--keep FILE]`: holds an export against what was
// signed, and says in plain words what is wrong first. It needs nothing but the file and the house's public key.
// PUBLIC is the verifier key `origin+hash+key`; CHECKPOINT a file with a signed head that somebody kept; `--keep`
// writes the newest one. Ends with 0 where all is well, 1 where something is wrong, 2 where it could not be checked.
import { createReadStream, readFileSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { audit, type Report } from './audit.ts'
import { keyOf, openHead } from './heads.ts'
import type { Line } from './lines.ts'
import type { Finding } from './places.ts'

const mostShown = 20

/** What an auditor reads, a line each. */
export function told({ house, events, chains, covered, texts, findings }: Report): string[] {
  const open = events - covered
  const facts = [
    `House ${house}: ${events} events of ${chains} subjects.`,
    covered === 0
      ? 'No signed head covers any of them yet.'
      : `The newest signed head covers places 0 to ${covered - 1}.`,
    ...(open > 0
      ? [`No signed head covers places ${covered} to ${events - 1} yet: a change there would not show.`]
      : []),
    `Texts: ${texts.there} as they were written, ${texts.erased} erased.`,
  ]
  const [first, ...further] = findings
  if (!first) return [...facts, 'Nothing is wrong: every event is the one that was recorded, in its place.']
  return [
    ...facts,
    first.position === undefined ? `WRONG: ${said(first)}` : `FIRST BAD EVENT: ${said(first)}`,
    ...further.slice(0, mostShown).map((finding) => `  also: ${said(finding)}`),
    ...(further.length > mostShown ? [`  and ${further.length - mostShown} more`] : []),
  ]
}

const said = ({ position, matter, seq, what }: Finding): string =>
  [
    ...(matter === undefined ? [] : [`subject ${matter}`]),
    ...(seq === undefined ? [] : [`step ${seq}`]),
    ...(position === undefined ? [] : [`place ${position}`]),
  ].join(', ') + (matter === undefined && position === undefined ? what : `: ${what}`)

async function* linesIn(file: string): AsyncGenerator<Line> {
  for await (const line of createInterface({ input: createReadStream(file) })) yield JSON.parse(line) as Line
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    options: { key: { type: 'string' }, since: { type: 'string' }, keep: { type: 'string' } },
    allowPositionals: true,
  })
  const [file] = positionals
  try {
    if (file === undefined || values.key === undefined)
      throw new Error('npm run audit:verify -- FILE --key PUBLIC [--since CHECKPOINT] [--keep FILE]')
    const key = keyOf(values.key)
    const since = values.since === undefined ? undefined : openHead(readFileSync(values.since, 'utf8'), key)
    const report = await audit(linesIn(file), key, since)
    console.log(told(report).join('\n'))
    if (values.keep !== undefined && report.head !== undefined) writeFileSync(values.keep, report.head)
    process.exitCode = report.findings.length > 0 ? 1 : 0
  } catch (fault) {
    console.error(`It could not be checked: ${(fault as Error).message}`)
    process.exitCode = 2
  }
}
