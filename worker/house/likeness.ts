// How alike two names are. Source: W. E. Winkler, String Comparator Metrics and Enhanced Decision Rules in the
// Fellegi–Sunter Model of Record Linkage, 1990.

/** From this likeness on, with the same day of birth, somebody may be meant. */
export const near = 0.9

const PREFIX = 4
const PREFIX_WEIGHT = 0.1

/** @returns 0 for nothing in common, 1 for the same: Jaro's likeness, more where the beginnings are the same */
export function jaroWinkler(one: string, other: string): number {
  const [a, b] = [plain(one), plain(other)]
  const reach = Math.max(0, Math.floor(Math.max(a.length, b.length) / 2) - 1)
  const taken = new Set<number>()
  const found: string[] = []
  for (const [at, letter] of a.entries())
    for (let there = Math.max(0, at - reach); there <= at + reach && there < b.length; there += 1)
      if (b[there] === letter && !taken.has(there)) {
        taken.add(there)
        found.push(letter)
        break
      }
  if (found.length === 0) return 0

  const same = [...taken].sort((x, y) => x - y).map((at) => b[at])
  const moved = found.filter((letter, at) => letter !== same[at]).length / 2
  const jaro = (found.length / a.length + found.length / b.length + (found.length - moved) / found.length) / 3
  let prefix = 0
  while (prefix < PREFIX && a[prefix] !== undefined && a[prefix] === b[prefix]) prefix += 1
  return jaro + prefix * PREFIX_WEIGHT * (1 - jaro)
}

/** A name as letters alone: 买买提·艾力 is written with several dots, and with none. */
const plain = (name: string): string[] => [
  ...name
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]/gu, ''),
]
