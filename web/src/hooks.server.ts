// Runs while pages are prerendered: puts the scripts into the HTML that must not wait for a fetch (see web/inline.ts).
import type { Handle } from '@sveltejs/kit/hooks'
import { early } from 'virtual:inline'

export const handle: Handle = ({ event, resolve }) =>
  resolve(event, {
    transformPageChunk: ({ html }) => html.replace('</head>', () => `<script>${early}</script></head>`),
  })
