// An answer that broke off in the middle: all that came whole counts, and the next request hears only the rest.
import { Gunzip } from 'fflate'
import type { Cursor, Places, SyncAnswer } from '#db/command.ts'
import { begunText, hashLength, restHeader } from '#db/rest.ts'
import { protocol } from '#db/upcast.ts'
import { canHash, hashOf } from './hash.ts'
import { bytesOf, joined, type Cargo } from './link.ts'

/** What is heard where an answer breaks off, or goes on. */
export interface Part {
  readonly answer: SyncAnswer
  readonly broke?: true
  /** more of it is here than before */
  readonly further?: boolean
  /** what comes next goes on where this ended */
  readonly rest?: Beginning | undefined
}

/** What came of an answer that broke off: the next request names it, and hears the rest. */
export interface Beginning {
  /** @returns undefined where the answer to this is another, or nothing more came too often */
  goesOn(cargo: Cargo): Continuation | undefined
}

export interface Continuation {
  /** the very request of whose answer this is the beginning, wherever the phone stands by now */
  readonly body: Uint8Array<ArrayBuffer>
  readonly headers: Readonly<Record<string, string>>
  /**
   * @param comes called whenever something has come
   * @returns undefined for what is neither a rest nor word that there is none
   */
  takes(answer: Response, comes: () => void): Promise<Part | undefined>
}

/** Some networks hand on only what is whole: after so many in vain less is asked for instead. */
const mostTries = 4

/**
 * What came, as an answer of its own: it tells the fates that came, and after it the phone stands where the first change
 * that did not come begins.
 *
 * @param text an answer as the house writes it, in lines, or the beginning of one
 * @throws SyntaxError where not even its first line came whole
 */
export async function asFarAsItCame(text: string): Promise<Part> {
  return { ...read(text), rest: await restAfter(none) }
}

function read(text: string): Part {
  const whole = readWhole(text)
  if (whole) return { answer: whole }
  const end = Math.max(0, text.lastIndexOf('\n'))
  const {
    cursor = {},
    places = [],
    ...came
  } = JSON.parse(`${text.slice(0, end).replace(/,$/, '')}]}`) as Partial<SyncAnswer> & Pick<SyncAnswer, 'v'>
  const { changes = [] } = came
  return { answer: { ...empty, ...came, cursor: cursorAt(changes.length, cursor, places), more: true }, broke: true }
}

const empty = { v: protocol, asked: [], results: [], gone: [], cursor: {}, more: true, changes: [] }
const none = new Uint8Array()

function readWhole(text: string): SyncAnswer | undefined {
  try {
    return JSON.parse(text) as SyncAnswer
  } catch {
    return undefined
  }
}

/**
 * Where there is no HTTPS browsers hash nothing: there all that did not come whole comes again.
 *
 * @param came the beginning of an answer, gzipped
 * @param asked what it answers; before its first byte, whatever is asked next
 * @param vain how often it was asked for since something more of it came
 */
async function restAfter(came: Uint8Array<ArrayBuffer>, asked?: Cargo, vain = 0): Promise<Beginning | undefined> {
  if (!canHash()) return undefined
  const hash = (await hashOf(came)).slice(0, hashLength)
  const begun = { [restHeader]: begunText({ length: came.length, hash }) }
  let tries = vain
  return {
    goesOn(cargo) {
      const { request, body, headers } = asked ?? cargo
      const other = JSON.stringify(request.ask) !== JSON.stringify(cargo.request.ask)
      if (cargo.request.commands.length > 0 || other || (tries += 1) > mostTries) return undefined
      const from = { came, asked: asked ?? cargo, tries }
      return { body, headers: { ...headers, ...begun }, takes: (answer, comes) => takes(from, answer, comes) }
    },
  }
}

async function takes(
  { came, asked, tries }: { readonly came: Uint8Array; readonly asked: Cargo; readonly tries: number },
  answer: Response,
  comes: () => void,
): Promise<Part | undefined> {
  // The house has other news by now: they are asked for from where the phone stands.
  if (answer.status === 412) return { answer: empty, broke: true, further: true, rest: await restAfter(none) }
  if (!answer.headers.has(restHeader)) return undefined
  const fresh = await bytesOf(answer, comes)
  const bytes = joined(came, fresh)
  const part = read(unzipped(bytes))
  const more = fresh.length > 0
  if (part.broke) return { ...part, further: more, rest: await restAfter(bytes, asked, more ? 0 : tries) }
  // What one connection carried whole needs none of it next time.
  return came.length > 0 ? { ...part, rest: await restAfter(none) } : part
}

/** As much as can be read of what was gzipped as one. */
function unzipped(bytes: Uint8Array): string {
  const decoder = new TextDecoder()
  let text = ''
  new Gunzip((part) => (text += decoder.decode(part, { stream: true }))).push(bytes)
  return text
}

/** Houses of whose changes none came are left out: what is said of them is as good as unsaid. */
function cursorAt(came: number, cursor: Cursor, places: readonly Places[]): Cursor {
  const reached: Cursor = { ...cursor }
  let before = 0
  for (const { facility, since, apart } of places) {
    const here = Math.min(apart.length, Math.max(0, came - before))
    before += apart.length
    if (here === 0) delete reached[facility]
    else if (here < apart.length) reached[facility] = [sum(apart.slice(0, here + 1)), since]
  }
  return reached
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0)
