// Days by their seeds: each is played; one that breaks a promise is shortened to what it takes to break it.
import type { Sometimes } from './chances.ts'
import { Day } from './day.ts'
import type { Named } from './named.ts'
import { planOf, type Happening } from './plan.ts'
import { Broken } from './invariants.ts'
import { inProcess, type Province } from './province.ts'

export interface Failure {
  readonly seed: number
  readonly promise: string
  readonly how: string
  /** the shortest plan found that still breaks the same promise */
  readonly plan: readonly Happening[]
}

/** @param shorten whether to look for the shortest plan that breaks the same promise */
export async function playSeed(
  seed: number,
  sometimes: Sometimes,
  shorten: boolean,
  province: () => Province = inProcess,
): Promise<Failure | undefined> {
  const plan = planOf(seed)
  const broken = await breaks(seed, plan, sometimes, province)
  if (!broken) return undefined
  if (!shorten) return { seed, ...broken, plan }
  const short = await shortened(seed, plan, broken.promise, province)
  const { promise, how } = (await breaks(seed, short, new Map(), province, true)) ?? broken
  return { seed, promise, how, plan: short }
}

/** A day that is known by name, as it was. */
export async function playNamed({ seed, plan }: Named, sometimes: Sometimes): Promise<Failure | undefined> {
  const broken = await breaks(seed, plan, sometimes, inProcess, true)
  return broken && { seed, ...broken, plan }
}

type Breach = Pick<Failure, 'promise' | 'how'>

async function breaks(
  seed: number,
  plan: readonly Happening[],
  sometimes: Sometimes,
  province: () => Province,
  stacks = false,
): Promise<Breach | undefined> {
  const day = new Day(seed, sometimes, province())
  try {
    // Dexie makes an error for every transaction that ends: a day without stacks is a tenth shorter.
    Error.stackTraceLimit = stacks ? 10 : 0
    await day.plays(plan)
    return undefined
  } catch (fault) {
    const how = fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)
    return { promise: fault instanceof Broken ? fault.promise : 'NoFault', how }
  } finally {
    day.isOver()
  }
}

/** Leaves out ever smaller pieces for as long as the same promise stays broken (delta debugging, Zeller 1999). */
async function shortened(
  seed: number,
  plan: readonly Happening[],
  promise: string,
  province: () => Province,
): Promise<readonly Happening[]> {
  let short = plan
  for (let piece = Math.ceil(plan.length / 2); piece >= 1; piece = piece === 1 ? 0 : Math.ceil(piece / 2))
    for (let at = 0; at < short.length;) {
      const without = [...short.slice(0, at), ...short.slice(at + piece)]
      if ((await breaks(seed, without, new Map(), province))?.promise === promise) short = without
      else at += piece
    }
  return short
}
