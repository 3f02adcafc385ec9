// A PIN that the server has just made: on this screen until it is put away, and nowhere else.
import type { Id } from '#db/id.ts'

class Pins {
  shown = $state.raw<{ readonly person: Id; readonly pin: string }>()

  show(person: Id, pin: string): void {
    this.shown = { person, pin }
  }

  putAway(): void {
    this.shown = undefined
  }
}

export const pins = new Pins()
