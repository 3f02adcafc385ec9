// What a fresh clone must find: every package pinned, every optional one locked, and nothing that only this machine has.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

interface Package {
  readonly optionalDependencies?: Readonly<Record<string, string>>
}
interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

const read = <T>(file: string) => JSON.parse(readFileSync(file, 'utf8')) as T

/** A package for another system that the lock file left out makes `npm ci` refuse there, and only there. */
function unlocked(packages: ReadonlyMap<string, Package>): string[] {
  const found = (from: string, name: string): boolean => {
    if (packages.has(`${from && `${from}/`}node_modules/${name}`)) return true
    return from !== '' && found(from.slice(0, Math.max(0, from.lastIndexOf('node_modules/') - 1)), name)
  }
  return [...packages].flatMap(([path, { optionalDependencies }]) =>
    Object.keys(optionalDependencies ?? {})
      .filter((name) => !found(path, name))
      .map((name) => `package-lock.json: no entry for ${name}, optional for ${path}`),
  )
}

/** `latest` or `^1` is another product tomorrow. */
function unpinned({ dependencies, devDependencies }: Manifest): string[] {
  return Object.entries({ ...dependencies, ...devDependencies })
    .filter(([, version]) => !/^(npm:[@\w/-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    .map(([name, version]) => `package.json: ${name} is not pinned: ${version}`)
}

/** Paths of one machine and hosts of one registry; the brackets keep this line from finding itself. */
function local(): string[] {
  const pattern =
    '(^|[^a-zA-Z0-9._-])/([w]ork|[r]oot|[h]ome|[U]sers)/|/tmp/[b]ash|[r]egistry\\.[a-z]+|"[r]esolved": "http'
  try {
    return execFileSync('git', ['grep', '-nIE', pattern, '--', '.', ':!test/bench/results'], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .map((line) => `of one machine only: ${line.slice(0, 200)}`)
  } catch (nothing) {
    if ((nothing as { status?: number }).status === 1) return []
    throw nothing
  }
}

const { packages } = read<{ packages: Record<string, Package> }>('package-lock.json')
const wrong = [...unlocked(new Map(Object.entries(packages))), ...unpinned(read<Manifest>('package.json')), ...local()]
for (const line of wrong) console.error(line)
process.exitCode = wrong.length > 0 ? 1 : 0
