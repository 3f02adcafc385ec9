// What the bench asks of a phone, whichever server it belongs to.
export interface Phone {
  /**
   * Brings its letters and hears what is new; resolves once the server has acknowledged all.
   *
   * @throws Error where something was not taken, or no answer came
   */
  syncs(letters: readonly string[]): Promise<void>
  stop(): void
}

/** Characters of a letter. */
export const characters = 800
