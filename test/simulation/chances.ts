// The chance of one thing that happens, and the tally of what chance brought about.
import { chance } from '#test/chance.ts'

/** How often each thing that must happen sometimes did. */
export type Sometimes = Map<string, number>

export class Chances {
  readonly #sometimes: Sometimes
  #random: () => number

  constructor(seed: number, sometimes: Sometimes) {
    this.#random = chance(seed)
    this.#sometimes = sometimes
  }

  /** What comes now has a seed of its own. */
  begins(seed: number): void {
    this.#random = chance(seed)
  }

  /** What happens besides has chances of its own, and changes none of what goes on. */
  async besides(task: () => Promise<unknown>): Promise<void> {
    const random = this.#random
    this.#random = chance(this.below(2 ** 31))
    try {
      await task()
    } finally {
      this.#random = random
    }
  }

  /** @param probability from 0 to 1 */
  hits(probability: number): boolean {
    return this.#random() < probability
  }

  /** A whole number from 0 to below `most`. */
  below(most: number): number {
    return Math.floor(this.#random() * most)
  }

  one<Thing>(things: readonly Thing[]): Thing {
    return things[this.below(things.length)] as Thing
  }

  met<Name extends string>(name: Name): Name {
    this.#sometimes.set(name, (this.#sometimes.get(name) ?? 0) + 1)
    return name
  }
}
