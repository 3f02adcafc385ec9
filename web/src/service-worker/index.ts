// Lets a room of the app open without a network. One script serves all rooms; which one it keeps files of is said by
// its address (`?room=`), so that nothing of officers, kiosks or administration ever lies on a relative's phone.
import { self } from '$app/service-worker'
import { kept } from 'virtual:precache'
import { addPlugins, cleanupOutdatedCaches, precacheAndRoute } from 'workbox-precaching'
import { marker } from '#db/command.ts'
import { drain, giveWay } from '../outbox/background.ts'

const address = new URL(self.location.href).searchParams
const asked = address.get('room')
const room = asked === 'officer' || asked === 'kiosk' ? asked : 'outside'

// A hotel's login page says 200 too: kept in the place of a page or a script it would stand there until the next version.
addPlugins([
  { cacheWillUpdate: ({ response }) => Promise.resolve(response.ok && response.headers.has(marker) ? response : null) },
])
// `/matter?id=…` and `/letter?new` are one page each, whatever they are asked for.
precacheAndRoute([...kept[room], ...(address.has('lock') ? kept.lock : [])], { ignoreURLParametersMatching: [/./] })
cleanupOutdatedCaches()

// What waits goes after the last page was closed, where the browser offers it. A kiosk's page is always open, and signs
// what it sends.
self.addEventListener('sync', (event) => {
  const sync = event as ExtendableEvent & { readonly tag: string }
  if (room !== 'kiosk') sync.waitUntil(drain(sync.tag, Date.now()))
})
self.addEventListener('fetch', ({ request }) => {
  if (request.mode === 'navigate') giveWay()
})

// From the first visit on: a page that was opened before this worker stood may still lose its network.
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()))

// A new version waits until the page says that nothing is open that could be lost, and never takes over a second tab.
self.addEventListener('message', (event) => {
  if ((event.data as { type?: string } | null)?.type === 'SKIP_WAITING') event.waitUntil(takeOverAlone())
})

async function takeOverAlone(): Promise<void> {
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true })
  const scope = new URL(self.registration.scope).pathname
  if (pages.filter(({ url }) => new URL(url).pathname.startsWith(scope)).length <= 1) await self.skipWaiting()
}
