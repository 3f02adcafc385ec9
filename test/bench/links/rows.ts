// Runs folded into rows: medians over the runs of one combination, whatever their offsets.
import { best } from './best.ts'
import type { Outcome, Run } from './client.ts'
import { links } from './shapes.ts'
import { bodiesOf, contentBytes } from './work.ts'

export type Combination = Pick<Run, 'client' | 'link' | 'transport' | 'work'>

export interface Row extends Combination, Outcome {
  /** seconds in which the link would have allowed it */
  readonly best: number
  readonly runs: number
}

/** @param runs of one combination, each with what came of it */
export function rowOf(
  { client, link, transport, work }: Combination,
  runs: readonly (Outcome & { offsetMs: number })[],
): Row {
  const bytes = contentBytes(bodiesOf(work))
  const way = work === 'pull' ? 'down' : 'up'
  const bests = runs.map(({ offsetMs }) => best(links[link].shape(offsetMs), transport === 'tls', bytes, way))
  const of = (figure: (outcome: Outcome) => number) => median(runs.map(figure))
  return {
    client,
    link,
    transport,
    work,
    seconds: Number(of(({ seconds }) => seconds).toFixed(3)),
    best: Number(median(bests).toFixed(3)),
    bytesUp: of(({ bytesUp }) => bytesUp),
    bytesDown: of(({ bytesDown }) => bytesDown),
    requests: of(({ requests }) => requests),
    // done means that most runs were
    complete: of(({ complete }) => (complete ? 1 : 0)) === 1,
    duplicates: Math.max(...runs.map(({ duplicates }) => duplicates)),
    resent: Math.max(...runs.map(({ resent }) => resent)),
    runs: runs.length,
  }
}

const median = (figures: readonly number[]): number =>
  [...figures].sort((one, other) => one - other)[Math.floor(figures.length / 2)] as number
