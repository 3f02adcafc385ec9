// Where the server of a simulated day runs: in this process, or in workerd.
import type { Env, Me } from '#worker/env.ts'
import { envOf, type House } from './cast.ts'
import { InProcess, type Disk, type Work } from './ledger.ts'
import { nextServer, todaysServer } from './next.ts'

/** A request that has arrived. */
export interface Came {
  readonly request: Request
  /** whose session it came under */
  readonly me: Me
  readonly houses: readonly House[]
  /** told what it did at each house's ledger */
  readonly works: readonly Work[]
  /** the server's clock, UTC milliseconds */
  readonly now: number
  /** whether the server is that of the next version */
  readonly movedOn: boolean
}

export interface Province {
  /** an empty ledger for the house of this number */
  disk(nth: number): Disk | Promise<Disk>
  answers(came: Came): Promise<{ readonly body: unknown; readonly status: number }>
}

export function inProcess(): Province {
  let salts = 0
  const salt = () => btoa(`salt ${(salts += 1)}`.padEnd(16))
  return {
    disk: (nth) => new InProcess(nth),
    answers: ({ request, me, houses, works, now, movedOn }) => {
      const { headers, body } = request
      const env: Env = envOf(houses, works)
      const { respond } = movedOn ? nextServer : todaysServer
      return respond({ headers, body }, env, me, { now, salt })
    },
  }
}
