// What was tried, and what of it went otherwise than it is named.

export interface Swept {
  readonly cells: number
  /** cells in which somebody did, read or learned what they may not */
  readonly letThrough: readonly string[]
  /** cells in which somebody was refused what they may */
  readonly shutOut: readonly string[]
}

export class Tally implements Swept {
  cells = 0
  readonly letThrough: string[] = []
  readonly shutOut: string[] = []

  try(cell: string, may: boolean, did: boolean, heard: unknown): void {
    this.cells += 1
    if (may === did) return
    const list = did ? this.letThrough : this.shutOut
    list.push(`${cell}: ${JSON.stringify(heard)}`)
  }
}

/** Some at a time: whoever comes does not wait for everybody before them. */
export async function together<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const waiting = items.values()
  const hands = Array.from({ length: 8 }, async () => {
    for (const item of waiting) await work(item)
  })
  await Promise.all(hands)
}
