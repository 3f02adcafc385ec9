// Who may have the live desk before them.
import { request } from 'node:http'
import { newId, type Id } from '#db/id.ts'
import type { Province, Somebody } from './province.ts'
import type { Tally } from './tally.ts'

export async function attackDesks({ house, cast, url }: Province, tally: Tally): Promise<void> {
  for (const who of cast) {
    const may = who.sort === 'officer' && who.roles.length > 0
    const [there, nowhere] = [await upgrades(url, who, house), await upgrades(url, who, newId())]
    tally.try(`${who.name} at the live desk`, may, there === 101, there)
    if (!may) tally.try(`${who.name} at a live desk that is nowhere`, false, there !== nowhere, { there, nowhere })
  }
}

/** @returns the status of the answer to a WebSocket's handshake */
async function upgrades(url: string, { visitor }: Somebody, house: Id): Promise<number> {
  const path = `/api/houses/${house}/desk`
  const signature = await visitor.key?.signs(visitor.account, 'GET', path, '')
  return new Promise((resolve, reject) => {
    const asking = request(`${url}${path}`, {
      headers: {
        ...signature,
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
        cookie: [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(visitor.account && { 'x-etongban-account': visitor.account }),
      },
    })
    asking.on('upgrade', (_, socket) => {
      socket.destroy()
      resolve(101)
    })
    asking.on('response', (answer) => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
    asking.on('error', reject)
    asking.end()
  })
}
