// A database as it lies on this device, without Dexie and without a key: of what is sealed only that it is there.

/** @returns undefined where this device has no such database: none is made by looking */
export function openLying(name: string): Promise<IDBDatabase | undefined> {
  return new Promise((done) => {
    const request = indexedDB.open(name)
    request.onupgradeneeded = () => request.transaction?.abort()
    request.onsuccess = () => done(request.result)
    request.onerror = (event) => {
      event.preventDefault()
      done(undefined)
    }
  })
}

export const over = (transaction: IDBTransaction): Promise<void> =>
  new Promise((done, fail) => {
    transaction.oncomplete = () => done()
    transaction.onabort = () => fail(transaction.error)
  })
