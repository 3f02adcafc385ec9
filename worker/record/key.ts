// `npm run audit:key -- HOUSE [--dir .data]`: the public key of a house's record, as `audit:verify --key` takes it.
// HOUSE is the house's code. The private key comes from RECORD_KEY and RECORD_ORIGIN in the environment, or from the
// secrets of `npm start`.
import { parseArgs } from 'node:util'
import { verifierKey } from '#db/record.ts'
import { secretsIn } from '#worker/start/secrets.ts'
import { originOf } from './checkpoint.ts'
import { signer } from './sign.ts'

const { values, positionals } = parseArgs({
  options: { dir: { type: 'string', default: '.data' } },
  allowPositionals: true,
})
const [code] = positionals
if (code === undefined) {
  console.error('npm run audit:key -- HOUSE [--dir .data]')
  process.exitCode = 2
} else {
  const RECORD_KEY = process.env['RECORD_KEY'] ?? secretsIn(values.dir).RECORD_KEY
  const RECORD_ORIGIN = process.env['RECORD_ORIGIN'] ?? 'etongban.local'
  console.log(verifierKey(originOf({ RECORD_ORIGIN }, code), (await signer(RECORD_KEY)).publicKey))
}
