// `npm start -- [--port 4000] [--host 127.0.0.1] [--fresh] [--dir .data]`
import { parseArgs } from 'node:util'
import { endsWithUs } from './ending.ts'
import { serve } from './serve.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '4000' },
    host: { type: 'string', default: '127.0.0.1' },
    fresh: { type: 'boolean', default: false },
    dir: { type: 'string', default: '.data' },
  },
})

const server = await serve({
  port: Number(values.port),
  host: values.host,
  fresh: values.fresh,
  dir: values.dir,
  demo: true,
  log: (line) => console.error(line),
}).catch((fault: unknown) => {
  if ((fault as { code?: string }).code !== 'ERR_ADDRESS_IN_USE') throw fault
  console.error(`Port ${values.port} is taken. Another one: npm start -- --port ${Number(values.port) + 1}`)
  process.exit(1)
})

const { url, links, pins } = server
console.log(`
  ${url}

  青山看守所, and the smaller 临溪拘留所 · who can sign in where (each link opens one; a browser is one person at a time, a kiosk beside it):
${links.map(({ who, url }) => `    ${who.padEnd(34)} ${url}`).join('\n')}

  An officer's link gives them a code, with which they register a passkey in this browser. From then on they sign in
  at ${url}/officer
  At the kiosk, number and PIN: ${pins.map(({ number, pin }) => `${number} ${pin}`).join(' · ')}
  Everything is kept in ${values.dir}; npm start -- --fresh begins anew. Ctrl-C ends it.
`)

endsWithUs(server.stop)
