// What a screen shows of the store: asked again by itself whenever what it read has changed, in this tab or another.
import { liveQuery } from 'dexie'

export interface Watched<Value> {
  /** undefined until the first answer */
  readonly now: Value | undefined
  /** why there is no answer: storage refused, or its connection lost */
  readonly fault: unknown
}

/**
 * Called while a component is made; stops with it.
 *
 * @param question reads what it depends on, and gives back how to ask: what it reads makes it ask anew
 */
export function watch<Value>(question: () => () => Promise<Value>): Watched<Value> {
  let now = $state.raw<Value>()
  let fault = $state.raw<unknown>()
  $effect(() => {
    const subscription = liveQuery(question()).subscribe({
      next: (answer) => {
        now = answer
        fault = undefined
      },
      error: (error) => (fault = error),
    })
    return () => subscription.unsubscribe()
  })
  return {
    get now() {
      return now
    },
    get fault() {
      return fault
    },
  }
}
