// `npm run sim [-- --seeds 200] [--from 1] [--threads 2] [--real] [--first]`: so many days, each from its own seed.
// `--real` has the server in workerd, on its own D1. What breaks is printed with its seed and the shortest plan that
// breaks it; `--first` ends there, and shortens nothing. `--named` plays instead the days that once broke something,
// `--bug NAME` the one of them that found this. The last line is one JSON object.
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import type { Sometimes } from './chances.ts'
import type { Failure } from './run.ts'

interface Share {
  readonly first: number
  readonly last: number
  readonly step: number
  /** whether the first day that breaks a promise is enough */
  readonly once: boolean
  readonly real: boolean
}
type Told = { readonly failure: Failure } | { readonly played: number } | { readonly sometimes: Sometimes }

if (isMainThread) await conduct()
else await playShare(workerData as Share)

async function conduct(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '200' },
      from: { type: 'string', default: '1' },
      threads: { type: 'string', default: String(availableParallelism()) },
      first: { type: 'boolean', default: false },
      real: { type: 'boolean', default: false },
      named: { type: 'boolean', default: false },
      bug: { type: 'string' },
    },
  })
  if (values.named) return recall(values.bug)
  const [seeds, from, threads] = [Number(values.seeds), Number(values.from), Number(values.threads)]
  const sometimes: Sometimes = new Map()
  const failures: Failure[] = []
  let played = 0
  const share = (nth: number) =>
    new Promise<void>((done, fail) => {
      const data: Share = {
        first: from + nth,
        last: from + seeds - 1,
        step: threads,
        once: values.first,
        real: values.real,
      }
      // What a day leaves behind is short-lived: in a large young generation most of it is never copied.
      const resourceLimits = { maxYoungGenerationSizeMb: 64 }
      const thread = new Worker(new URL(import.meta.url), { workerData: data, resourceLimits })
      thread.on('message', (told: Told) => {
        if ('failure' in told) failures.push(show(told.failure))
        else if ('sometimes' in told)
          for (const [name, count] of told.sometimes) sometimes.set(name, (sometimes.get(name) ?? 0) + count)
        else if ((played += told.played) % 500 === 0) console.error(`${played} of ${seeds} days`)
      })
      thread.on('error', fail)
      thread.on('exit', () => done())
    })
  await Promise.all(Array.from({ length: threads }, (_, nth) => share(nth)))
  if (played !== seeds && !values.first)
    failures.push({ seed: 0, promise: 'Ends', how: `${seeds - played} days never ended`, plan: [] })
  console.log(JSON.stringify({ seeds, broken: failures.length, sometimes: Object.fromEntries([...sometimes].sort()) }))
  process.exitCode = failures.length === 0 ? 0 : 1
}

async function recall(bug: string | undefined): Promise<void> {
  const { playNamed } = await import('./run.ts')
  const { named } = await import('./named.ts')
  const days = named.filter((day) => bug === undefined || day.bug === bug)
  const sometimes: Sometimes = new Map()
  const failures: Failure[] = []
  const said = console.error
  for (const day of days) {
    console.error = () => undefined
    const failure = await playNamed(day, sometimes)
    console.error = said
    if (failure) failures.push(show(failure))
  }
  const { length: seeds } = days
  console.log(JSON.stringify({ seeds, broken: failures.length, sometimes: Object.fromEntries([...sometimes].sort()) }))
  process.exitCode = failures.length === 0 ? 0 : 1
}

function show(failure: Failure): Failure {
  const { seed, promise, how, plan } = failure
  const steps = plan.map(({ what, seed: its }) => `    ${what} ${its}`).join('\n')
  console.error(`seed ${seed} breaks ${promise}: ${how}\n  in ${plan.length} steps:\n${steps}`)
  return failure
}

async function playShare({ first, last, step, once, real }: Share): Promise<void> {
  // Tabs of other browsers live in other threads: Dexie has nothing to tell them.
  Reflect.deleteProperty(globalThis, 'BroadcastChannel')
  const { playSeed } = await import('./run.ts')
  // What the server says of its broken databases is what is wanted here.
  console.error = () => undefined
  const server = real ? await (await import('./real/province.ts')).openReal() : undefined
  const tell = (told: Told) => parentPort?.postMessage(told)
  const sometimes: Sometimes = new Map()
  for (let seed = first; seed <= last; seed += step) {
    const failure = await playSeed(seed, sometimes, !once, server?.province)
    if (failure) tell({ failure })
    tell({ played: 1 })
    if (failure && once) break
  }
  await server?.stop()
  tell({ sometimes })
  parentPort?.close()
}
