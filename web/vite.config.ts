import adapter from '@sveltejs/adapter-static'
import { sveltekit } from '@sveltejs/kit/vite'
import { defineConfig } from 'vite'
import { inlineScripts } from './inline.ts'
import { precache } from './precache.ts'
import { sourceVersion } from './version.ts'

/** The oldest phones that must work (Chrome 87, Safari 14.1): what is built is written in words they know. */
const target = ['chrome87', 'safari14.1']

export default defineConfig(async () => {
  const inline = await inlineScripts(import.meta.dirname, target)
  return {
    build: { target },
    plugins: [
      inline.plugin,
      precache(import.meta.dirname),
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
