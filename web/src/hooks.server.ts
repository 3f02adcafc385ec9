// Runs while pages are prerendered: puts the scripts into the HTML that must not wait for a fetch (see web/inline.ts).
import type { Handle } from '@sveltejs/kit/hooks'
import { early, keepDraft } from 'virtual:inline'

export const handle: Handle = ({ event, resolve }) =>
  resolve(event, {
    transformPageChunk: ({ html }) => {
      const dressed = html.replace('</head>', () => `<script>${early}</script></head>`)
      return event.route.id === '/(outside)/letter'
        ? dressed.replace('</body>', () => `<script>${keepDraft}</script></body>`)
        : dressed
    },
  })
