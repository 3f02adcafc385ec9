// `npm run bench:sync`: 50 letters of 800 characters leave a phone at once. The phone is the product's own client over
// an IndexedDB, the server workerd with D1; bytes are what its socket carried, headers and all, up and down.
import 'fake-indexeddb/auto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Actor } from '#db/actor.ts'
import { relatives } from '#db/demo/qingshan.ts'
import { newId } from '#db/id.ts'
import { keyOf } from '#web/outbox/key.ts'
import { fetchLink } from '#web/outbox/link.ts'
import { sendDraft } from '#web/outbox/make.ts'
import { openStore } from '#web/outbox/store.ts'
import { exchange } from '#web/outbox/sync.ts'
import { Visitor } from '#test/server.ts'
import { chance as chanceOf } from '#test/chance.ts'
import { letterOf } from './letters.ts'
import { openLink } from './link.ts'
import { serveCounted } from './serveCounted.ts'
import { Wire } from './wire.ts'

const letters = 50
const characters = 800
const seed = 20261124

const dir = mkdtempSync(join(tmpdir(), 'etongban-'))
const server = await serveCounted(dir, true)
try {
  const mother = await Visitor.signedIn(server.url, relatives.mother.phone)
  if (!mother.account) throw new Error('the mother is not signed in')
  const socket = await openLink(server.url, {})
  const wire = new Wire(socket.url, mother)
  const link = fetchLink(wire.fetch)
  const store = openStore(mother.account, keyOf)
  while ((await exchange(store, link, Date.now())).goOn);

  const [tie] = await store.ties.toArray()
  if (!tie) throw new Error('the mother has no tie')
  const who: Actor = { account: mother.account, facility: tie.house.id, roles: ['relative'] }
  const chance = chanceOf(seed)
  const bodies = Array.from({ length: letters }, () => letterOf(characters, chance))
  for (const body of bodies) {
    const draft = { id: newId(), kind: 'letter', to: tie.id, body, at: Date.now() } as const
    const outcome = await sendDraft(store, who, draft, Date.now())
    if ('refused' in outcome) throw new Error(`the phone refused a letter: ${outcome.refused.code}`)
  }

  await server.spent()
  wire.requests = socket.bytes.up = socket.bytes.down = 0
  while ((await exchange(store, link, Date.now())).goOn);
  const { trips } = await server.spent()
  const left = (await store.outbox.count()) + (await store.shelf.count())
  if (left > 0) throw new Error(`${left} letters did not arrive`)

  const gzipped = gzipSync(bodies.join('\n')).length
  const { up, down } = socket.bytes
  const { requests } = wire
  wire.stop()
  await socket.stop()
  console.log(
    `${letters} letters of ${characters} characters, ${(gzipped / letters / characters).toFixed(2)} bytes a character when gzipped in one body`,
  )
  console.log(
    JSON.stringify({
      bytesRatio: Number(((up + down) / gzipped).toFixed(3)),
      requests,
      trips,
      up,
      down,
      gzipped,
    }),
  )
} finally {
  await server.stop()
  rmSync(dir, { recursive: true, force: true })
}
