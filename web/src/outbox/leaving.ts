// A page that is left while it keeps something. Safari's engine puts it aside as it is, with its transactions open, and
// from then on nobody on this phone can write: not the next page, not another tab. So it lets go of its databases: what
// was not committed is as if it had never begun, and should the page be shown again it begins anew.

const running = new Set<IDBTransaction>()
const connections = new Set<IDBDatabase>()

type Begin = (this: IDBDatabase, ...asked: Parameters<IDBDatabase['transaction']>) => IDBTransaction

/** Also what Dexie begins by itself, such as its look at the stores of a database that it has opened. */
function noteWhatBegins({ prototype }: typeof IDBDatabase): void {
  const begin = Reflect.get(prototype, 'transaction') as Begin
  prototype.transaction = function (this: IDBDatabase, ...asked) {
    const transaction = begin.apply(this, asked)
    connections.add(this)
    running.add(transaction)
    for (const end of ['complete', 'abort']) transaction.addEventListener(end, () => running.delete(transaction))
    return transaction
  }
}

function letGo(): void {
  for (const transaction of running)
    try {
      transaction.abort()
    } catch {
      // it is committing: that needs this page no more
    }
  for (const connection of connections) connection.close()
}

interface Page {
  addEventListener(turn: 'pagehide' | 'pageshow', hear: (event: { readonly persisted: boolean }) => void): void
  readonly location: { reload(): void }
}

if ('onpagehide' in globalThis && 'IDBDatabase' in globalThis) {
  noteWhatBegins(IDBDatabase)
  const page = globalThis as unknown as Page
  page.addEventListener('pagehide', ({ persisted }) => persisted && letGo())
  page.addEventListener('pageshow', ({ persisted }) => persisted && connections.size > 0 && page.location.reload())
}
