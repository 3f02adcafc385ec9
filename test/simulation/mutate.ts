// Makes one deliberate bug (mutants.ts, named by MUTANT) in the product's source while it is loaded, in every thread and
// in both versions (next.ts).
import { registerHooks } from 'node:module'
import { mutants } from './mutants.ts'
import { mark } from './version.ts'

const mutant = mutants.find(({ name }) => name === process.env['MUTANT'])
if (!mutant) throw new Error(`no mutant stands there under the name ${process.env['MUTANT']}`)

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context)
    if (!url.replace(mark, '').endsWith(mutant.file)) return loaded
    const source = new TextDecoder().decode(loaded.source as Uint8Array)
    const [before, after, ...more] = source.split(mutant.good)
    if (after === undefined || more.length > 0)
      throw new Error(`in ${mutant.file} this no longer stands there once: ${mutant.good}`)
    return { ...loaded, source: before + mutant.bad + after }
  },
})
