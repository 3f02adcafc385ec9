// The deployed bundle on a house's own machine, for a house whose data must not leave it: workerd with SQLite files,
// behind a proxy that does TLS. Outside what Cloudflare supports; README, "On a house's own machine".
// `npm run house -- --dir /srv/etongban [--port 8080] [--host 127.0.0.1]`
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { endsWithUs } from './ending.ts'
import { serve } from './serve.ts'

const { values } = parseArgs({
  options: {
    dir: { type: 'string' },
    port: { type: 'string', default: '8080' },
    host: { type: 'string', default: '127.0.0.1' },
  },
})

/** The settings of worker/env.ts that an operator gives; the secrets of its own the server keeps in its folder. */
const asked = [
  'RECORD_ORIGIN',
  'SMS_GATEWAY_URL',
  'SMS_GATEWAY_SECRET',
  'REGISTRY_URL',
  'REGISTRY_SECRET',
  'ADDRESS_HEADER',
] as const
const given = Object.fromEntries(asked.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])))
const missing = (['RECORD_ORIGIN', 'SMS_GATEWAY_URL', 'SMS_GATEWAY_SECRET'] as const).filter(
  (name) => given[name] === undefined,
)

if (values.dir === undefined || missing.length > 0) {
  console.error(`npm run house -- --dir FOLDER   with ${missing.join(', ') || 'all settings'} in the environment`)
  process.exit(2)
}

const { url, stop } = await serve({
  port: Number(values.port),
  host: values.host,
  dir: values.dir,
  demo: false,
  deployed: given,
  log: (line) => console.error(line),
})
console.log(`${url} serves what is in ${values.dir}.`)
console.log(`A house is opened at /officer/house/open with the FOUNDING_CODE in ${join(values.dir, 'secrets.json')}.`)
endsWithUs(stop)
