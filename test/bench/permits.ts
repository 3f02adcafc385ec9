// `npm run bench:permits`: every cell of both matrices is attacked as everybody, over HTTP against a whole server.
import { province } from '#test/permits/province.ts'
import { sweep, untried } from '#test/permits/sweep.ts'

const there = await province()
try {
  const began = performance.now()
  const { cells, letThrough, shutOut } = await sweep(there, (part, ms) =>
    console.log(`${part}: ${(ms / 1000).toFixed(1)} s`),
  )
  const seconds = (performance.now() - began) / 1000
  console.log(`${cells} cells tried as ${there.cast.length} in ${seconds.toFixed(0)} s`)
  for (const name of untried()) console.log(`not tried: ${name}`)
  for (const cell of letThrough) console.log(`let through: ${cell}`)
  for (const cell of shutOut) console.log(`shut out: ${cell}`)
  console.log(JSON.stringify({ cells, letThrough: letThrough.length }))
  if (letThrough.length + shutOut.length + untried().length > 0) process.exitCode = 1
} finally {
  await there.stop()
}
