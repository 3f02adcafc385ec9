import adapter from '@sveltejs/adapter-static'
import { sveltekit } from '@sveltejs/kit/vite'
import { defineConfig } from 'vite'
import { inlineScripts } from './inline.ts'
import { precache } from './precache.ts'
import { plainPrivates } from './privates.ts'
import { slim } from './slim.ts'
import { sourceVersion, versionOnceTold } from './version.ts'

/**
 * The oldest phones that must work are Chrome 87 and Safari 14.1. What is built is written in Safari's words: Chrome
 * 87 knows all of them but one rare kind of call, which test/budget looks for.
 */
const target = ['safari14.1']

/**
 * Three files instead of thirty: each costs a round trip on a bad network, and small ones compress badly. A page that
 * is typed in first loads the first two; what keeps and sends comes after it.
 */
const groups = [
  {
    name: 'frame',
    priority: 3,
    test: /preload-helper|transport\.ts|node_modules[\\/](svelte|esm-env|clsx|devalue)[\\/]|@sveltejs[\\/]kit[\\/](?!.*[\\/](client-entry|entry|payload)\.js)/,
  },
  {
    name: 'phone',
    priority: 1,
    test: /node_modules[\\/]dexie|web[\\/]src[\\/]outbox[\\/](?!draft|whose|fault|key|seal\.|flight|broken|hash|keep|undo|tablet|lying|leave\.)|letter[\\/]sending|outside\)[\\/]run|matters[\\/]letterOf/,
  },
  {
    name: 'rules',
    priority: 2,
    test: /node_modules[\\/](valibot|uuidv7)|[\\/]db[\\/](?!words|mandate|minor|calendar|phone|house|passkey|kiosk|kin|ranges|document|session|claim|licence|engagement|consent|settings|roster|pin\.)|[\\/]db[\\/]words[\\/]zh[\\/](frame|writing|outbox|refusals|reasons)|web[\\/]src[\\/]outbox[\\/](draft|whose|fault|key|seal\.)|web[\\/]src[\\/](look[\\/](?!install)|parts[\\/](StatusLine|Telephone))/,
  },
  // What officers' pages say. Each file more is named to every phone, also to those that never fetch it.
  { name: 'officer', priority: 1, test: /[\\/]db[\\/]words[\\/]zh[\\/](officer|house|passkey)/ },
]

export default defineConfig(async () => {
  const inline = await inlineScripts(import.meta.dirname, target)
  return {
    build: { target, cssTarget: ['chrome87', 'safari14.1'] },
    environments: {
      client: {
        build: {
          rolldownOptions: {
            transform: { assumptions: { setPublicClassFields: true } },
            output: { codeSplitting: { groups } },
          },
        },
      },
    },
    plugins: [
      inline.plugin,
      precache(import.meta.dirname),
      slim(import.meta.dirname),
      plainPrivates(),
      versionOnceTold(),
      sveltekit({
        adapter: adapter({ pages: 'build', assets: 'build', fallback: '404.html' }),
        // Registered by hand, lazily and once per room (look/install.ts).
        serviceWorker: { register: false },
        // Styles come inside the page: one flight, and no page that is seen before it is dressed.
        inlineStyleThreshold: 64 * 1024,
        // The same source makes the same build, so that a restart of the server is no update for any phone.
        version: { name: sourceVersion(import.meta.dirname), pollInterval: 0 },
        csp: {
          mode: 'hash',
          directives: {
            'default-src': ['none'],
            'script-src': ['self', ...inline.hashes],
            'style-src': ['self'],
            'style-src-attr': ['unsafe-inline'], // kit hides what it announces to screen readers with one
            'img-src': ['self', 'data:', 'blob:'],
            'connect-src': ['self'],
            'manifest-src': ['self'],
            'worker-src': ['self'],
            'form-action': ['self'],
            'base-uri': ['none'],
            'require-trusted-types-for': ['script'],
            'trusted-types': ['svelte-trusted-html', 'etongban'],
          },
        },
      }),
    ],
  }
})
