// How much processor time another process has used, as Linux tells it under /proc.
import { readdirSync, readFileSync } from 'node:fs'

/** USER_HZ: the same on every Linux that Node runs on */
const ticksPerSecond = 100

/** User and system time of all its threads, milliseconds, in steps of 10. */
export function processorMs(pid: number): number {
  const fields = fieldsOf(pid)
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond
}

/** @throws Error where this process has not exactly one child of that name */
export function childCalled(name: string): number {
  const mine = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => isChild(pid, name))
  if (mine.length !== 1 || mine[0] === undefined) throw new Error(`${mine.length} children are called ${name}`)
  return mine[0]
}

function isChild(pid: number, name: string): boolean {
  try {
    return Number(fieldsOf(pid)[1]) === process.pid && readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === name
  } catch {
    return false // it has just ended
  }
}

/** What follows the name, which may hold anything: state, parent, … (proc(5)). */
function fieldsOf(pid: number): string[] {
  const line = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return line.slice(line.lastIndexOf(')') + 2).split(' ')
}
