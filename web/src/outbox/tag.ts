// The name under which Background Sync keeps a wish to send: a service worker has no localStorage, so it says whose.
const prefix = 'etongban/outbox/'

export const tagOf = (account: string): string => prefix + account

export const accountOf = (tag: string): string | undefined =>
  tag.startsWith(prefix) ? tag.slice(prefix.length) : undefined
