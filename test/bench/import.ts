// `npm run bench:import`: a house takes in a list of 1,000 people: looked at, confirmed and shown. The PINs are hashed as
// the admin's tablet hashes them while the plan is looked at, and timed apart.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HouseView } from '#db/house.ts'
import { keepPin, newPin, type PinKept } from '#db/pin.ts'
import { stepsAtOnce, type Plan } from '#db/roster.ts'
import { newcomers, stepsOf } from '#test/house/lists.ts'
import { opens } from '#test/server.ts'
import { serveCounted } from './serveCounted.ts'

const people = 1000
const hands = 4

const dir = mkdtempSync(join(tmpdir(), 'etongban-'))
const server = await serveCounted(dir, false)
try {
  const { admin, at } = await opens(server.url, 'songling')
  const rows = newcomers(people)
  await server.spent()

  let seconds = 0
  const timed = async <Said>(work: () => Promise<Said>): Promise<{ said: Said; seconds: number }> => {
    const before = performance.now()
    const said = await work()
    return { said, seconds: (performance.now() - before) / 1000 }
  }
  const said = async <Said>(method: 'GET' | 'POST', path: string, body?: object): Promise<Said> => {
    const answer = await timed(() => admin.ask(method, `${at}${path}`, body))
    if (answer.said.status !== 200) throw new Error(`${path} was answered ${answer.said.status}`)
    seconds += answer.seconds
    return answer.said.said as Said
  }

  const plan = await said<Plan>('POST', '/roster/plan', { rows, whole: true })
  const pins = await timed(() => pinsOf(plan.add.map(({ number }) => number)))
  const steps = stepsOf(plan, (number) => pins.said.get(number) as PinKept)
  for (let from = 0; from < steps.length; from += stepsAtOnce)
    await said('POST', '/roster', { steps: steps.slice(from, from + stepsAtOnce) })
  const view = await said<HouseView>('GET', '')
  if (view.people.length !== people) throw new Error(`${view.people.length} people are inside`)

  const { trips } = await server.spent()
  console.log(`${people} PINs took ${pins.seconds.toFixed(1)} s on the tablet's side, while the plan is looked at`)
  console.log(JSON.stringify({ people, seconds: Number(seconds.toFixed(2)), trips }))
} finally {
  await server.stop()
  rmSync(dir, { recursive: true, force: true })
}

async function pinsOf(numbers: readonly string[]): Promise<Map<string, PinKept>> {
  const pins = new Map<string, PinKept>()
  const waiting = [...numbers]
  const work = async () => {
    for (let number = waiting.pop(); number !== undefined; number = waiting.pop())
      pins.set(number, await keepPin(newPin()))
  }
  await Promise.all(Array.from({ length: hands }, work))
  return pins
}
