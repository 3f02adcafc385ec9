// One client, one link, one piece of work, in a process of its own: `node run.ts '<JSON of a Run>'` says an Outcome on
// its last line.
import { openLink } from '../link.ts'
import { openTls } from '../tls.ts'
import { sleep, type Device, type Home, type Outcome, type Run } from './client.ts'
import { etongbanHome } from './etongban.ts'
import { pouchdbHome } from './pouchdb.ts'
import { rxdbHome } from './rxdb.ts'
import { links } from './shapes.ts'
import { bodiesOf } from './work.ts'

/** How long the phone is in the tunnel in which everything is written. */
const darkMs = 2500

async function carryOut(run: Run): Promise<Outcome> {
  const tls = run.transport === 'tls' ? await openTls(run.server) : undefined
  const link = await openLink(tls?.url ?? run.server, links[run.link].shape(run.offsetMs))
  const home = await homeOf(run)
  const device = await home.device(link.url, tls?.certificate)
  const bodies = bodiesOf(run.work)

  // What nobody waits for: the app was open on this link before, and then came a tunnel.
  await device.opens()
  link.through(false)
  const written = performance.now()
  if (run.work === 'pull') await fromElsewhere(home, run.server, bodies)
  else await device.writes(bodies)
  await sleep(Math.max(0, darkMs - (performance.now() - written)))

  link.bytes.up = link.bytes.down = 0
  const before = device.requests()
  link.through(true)
  const began = performance.now()
  const done = run.work === 'pull' ? device.hears(bodies.length) : device.sends()
  const complete = await Promise.race([done.then(() => true), sleep(run.giveUpMs).then(() => false)])
  const seconds = (performance.now() - began) / 1000
  const carried = { bytesUp: link.bytes.up, bytesDown: link.bytes.down, requests: device.requests() - before }

  const { letters, duplicates, resent } = await home.tally()
  const missing = bodies.filter((body) => !letters.includes(body)).length
  if (complete && missing > 0) throw new Error(`${missing} letters were called acknowledged and are not there`)
  return { seconds, ...carried, complete, duplicates, resent }
}

/** Another device of the same person has written, on a network that is none of ours. */
async function fromElsewhere(home: Home, server: string, bodies: readonly string[]): Promise<void> {
  const other: Device = await home.device(server)
  await other.opens()
  await other.writes(bodies)
  await other.sends()
  await other.stop()
}

function homeOf(run: Run): Promise<Home> {
  const { client, server, nth, link } = run
  switch (client) {
    case 'etongban':
      return etongbanHome(run)
    case 'pouchdb':
      return pouchdbHome(server, nth, link)
    case 'rxdb':
      return rxdbHome(server, nth, link)
  }
}

console.log(JSON.stringify(await carryOut(JSON.parse(process.argv[2] ?? '{}') as Run)))
process.exit(0) // whatever a client still waits for
