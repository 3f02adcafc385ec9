// Web Locks of all simulated browsers: a name holds the account, so that no two browsers share one.

interface Turn {
  readonly begins: () => void
  /** whoever held it is told so, and finds out only when it looks */
  readonly stolen: (fault: Error) => void
}

export class Locks {
  readonly #queues = new Map<string, Turn[]>()

  readonly request = async <Value>(
    name: string,
    { steal }: { readonly steal: boolean },
    task: () => Promise<Value>,
  ): Promise<Value> => {
    const queue = this.#queues.get(name) ?? []
    this.#queues.set(name, queue)
    const { promise: stolen, reject } = Promise.withResolvers<never>()
    stolen.catch(() => undefined)
    const mine = Promise.withResolvers<undefined>()
    const turn: Turn = { begins: () => mine.resolve(undefined), stolen: reject }
    if (steal) queue.shift()?.stolen(new DOMException('stolen', 'AbortError'))
    if (steal) queue.unshift(turn)
    else queue.push(turn)
    if (queue[0] === turn) turn.begins()
    try {
      await Promise.race([mine.promise, stolen])
      return await Promise.race([task(), stolen])
    } finally {
      const at = queue.indexOf(turn)
      if (at >= 0) queue.splice(at, 1)
      if (at === 0) queue[0]?.begins()
    }
  }

  /** A frozen tab has the turn, and never gives it back. */
  freezes(name: string): void {
    void this.request(name, { steal: false }, () => new Promise(() => undefined)).catch(() => undefined)
  }

  /** whether anybody has the turn, or waits for it */
  busy(name: string): boolean {
    return (this.#queues.get(name)?.length ?? 0) > 0
  }
}
